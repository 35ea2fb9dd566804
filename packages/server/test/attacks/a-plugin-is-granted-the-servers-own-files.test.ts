import { chmod, mkdir, rm, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openCliWorld, type World } from "../cli/cli-world.ts";
import { pluginText } from "../http/plugin-sources.ts";
import { openApp } from "../perl/world.ts";
import { noBubblewrap } from "../runtimes/perl/fixture.ts";

let world: World;
beforeAll(async () => {
  world = await openCliWorld();
  const entry = "async run(ctx) { return { text: await ctx.files.text(ctx.arg).catch((e) => e.message) }; },";
  await writeFile(path.join(world.folder, "reader.ts"), pluginText("reader", "1.0.0", "script", entry));
  await world.run("sideload", "reader.ts");
});
afterAll(() => world.close());

const grant = (...paths: string[]) => world.run("grant", "reader", "--read", ...paths);
const readText = async (file: string): Promise<string> =>
  (await world.run("run", "reader", "--arg", file, "--json")).json.text;

test.each([
  ["the data folder", "data", "part of the server's own data"],
  ["a folder that holds it", ".", "it holds the server's own data"],
  ["the API key", "data/api-key", "part of the server's own data"],
  ["the store", "data/hitagi.db", "part of the server's own data"],
  ["installed plugins", "data/plugins", "part of the server's own data"],
  ["a path through the library", "data/library/../hitagi.db", "part of the server's own data"],
  ["the environment of the server", "/proc/self/environ", "it belongs to the system"],
  ["the memory of the machine", "/dev", "it belongs to the system"],
  ["the sockets of other programs", "/var/run", "it belongs to the system"],
])("%s cannot be granted", async (_, file, reason) => {
  const { code, err } = await grant(file);
  expect([code, err]).toEqual([1, expect.stringContaining(reason)]);
  expect((await world.run("info", "reader", "--json")).json.installed.granted).toEqual({});
});

test("a link that leads to the data folder after the grant is not followed", async () => {
  const [link, honest] = [path.join(world.folder, "tags"), path.join(world.folder, "honest")];
  await mkdir(honest);
  await writeFile(path.join(honest, "api-key"), "honest");
  await symlink(honest, link);
  expect((await grant("tags")).out).toBe(`reader may read ${link}.\n`);
  expect(await readText(path.join(link, "api-key"))).toBe("honest");
  await rm(link);
  await symlink(path.join(world.folder, "data"), link);
  expect(await readText(path.join(link, "api-key"))).toContain("part of the server's own data");
});

test.skipIf(noBubblewrap)(
  `the library in the data folder can be granted, and nothing beside it is there${noBubblewrap ? `, skipped: ${noBubblewrap}` : ""}`,
  async () => {
    const app = await openApp();
    const library = path.join(app.folder, "library");
    await mkdir(library, { recursive: true });
    await chmod(library, 0o755);
    await writeFile(path.join(library, "a.json"), "beside the archive");
    await app.install({
      namespace: "beside",
      type: "script",
      stem: "Beside",
      sub: `sub run_script { my ($class, $info) = @_; my $folder = $info->{oneshot_param};
        open my $in, '<', "$folder/a.json" or return (reason => "$!");
        return (text => scalar(<$in>), list => [map { s{.*/}{}r } glob "$folder/../*"]); }`,
      info: 'oneshot_arg => "a folder",',
    });
    await app.plugins.grant("beside", { files: [library] });
    expect(await app.run("beside", { arg: library })).toEqual({
      text: "beside the archive",
      list: ["library"],
    });
  },
);
