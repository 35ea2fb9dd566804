import { execFile } from "node:child_process";
import { mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { archiveBytes } from "@hitagi/sdk/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writeTest } from "../../src/kit/dev/write-test.ts";
import { openCliWorld, runCaptured, type World } from "../cli/cli-world.ts";
import { alteringProxy } from "../support/altering-proxy.ts";
import { tempFolder } from "../support/temp-folder.ts";

const PLUGIN = `export default {
  namespace: "shelf", type: "metadata", name: "Shelf", version: "1.0.0", author: "me", description: "Tells what it sees.",
  getTags: ({ archive }) => ({ tags: ["file:" + archive.filename] }),
};
`;

let world: World;
beforeAll(async () => {
  world = await openCliWorld();
  await writeFile(path.join(world.folder, "shelf.ts"), PLUGIN);
  await writeFile(path.join(world.folder, "snail.cbz"), archiveBytes({ pages: 1 }));
  await world.run("library", "add", "snail.cbz");
});
afterAll(() => world.close());

/** Runs the plugin on the archive of a server that gives it another name. */
const devOn = async (file: string) => {
  const server = await alteringProxy(world.server.address, {
    json: (body) => body.replaceAll('"file":"snail.cbz"', () => `"file":${JSON.stringify(file)}`),
  });
  return runCaptured(["dev", "shelf.ts", "--once", "--archive-id", "snail.cbz", "--json"], {
    cwd: world.folder,
    env: { HITAGI_SERVER: server },
  });
};

test.each([
  "evil.test.mjs",
  "../../evil.test.mjs",
  "..\\..\\evil.test.js",
  "a.cbz/evil.test.cjs",
  "evil.test.mjs\0",
])("dev refuses an archive that a server names %j, and leaves no copy", async (file) => {
  const { code, err } = await devOn(file);
  expect([code, err]).toEqual([1, expect.stringMatching(/no name of one[\s\S]*\nhint: Rename/)]);
  expect((await readdir(tmpdir())).filter((name) => name.startsWith("hitagi-archives-"))).toEqual([]);
});

test("dev runs on an archive with a name that is unsafe here, and tells the plugin that name", async () => {
  const { code, json } = await devOn('..\\a"b:c.cbz');
  expect([code, json.runs[0].result]).toEqual([0, { tags: ['file:..\\a"b:c.cbz'] }]);
});

const run = (folder: string, file: string) => ({
  ...{ file: path.join(folder, "shelf.ts"), archive: { file }, settings: {} },
  report: {
    ...{ archive: path.basename(file), result: { tags: [] }, failure: null, missingRights: [], requests: [] },
    ...{ log: [], changes: [], added: [], ms: 1, memory: null },
  },
});

test("a sample of a test has the name of an archive", async () => {
  const [folder, other] = [await tempFolder(), await tempFolder()];
  await writeFile(path.join(other, "evil.test.mjs"), "evil");
  await writeTest(run(folder, path.join(other, "evil.test.mjs")));
  expect(await readdir(path.join(folder, "samples"))).toEqual(["evil.test.mjs.zip"]);
});

test("a sample is not written through a link in the samples, nor through the samples as a link", async () => {
  const [folder, other, victim] = [await tempFolder(), await tempFolder(), await tempFolder()];
  const archive = path.join(other, "a.cbz");
  await writeFile(archive, archiveBytes({ pages: 1 }));
  await mkdir(path.join(folder, "samples"));
  await symlink(path.join(victim, "new"), path.join(folder, "samples/a.cbz"));
  await writeTest(run(folder, archive));
  const linked = await tempFolder();
  await symlink(victim, path.join(linked, "samples"));
  await expect(writeTest(run(linked, archive))).rejects.toThrow(/samples.*is a link/);
  expect(await readdir(victim)).toEqual([]);
});

/** A plugin's folder with a sample that is a program, and what `npm test` runs of both. */
const ranIn = async (cwd: string): Promise<string[]> => {
  const folder = path.join(cwd, "shelf");
  const writing = (name: string) =>
    `import { writeFileSync } from "node:fs";\nwriteFileSync(new URL("file://${cwd}/ran-${name}"), "");\n`;
  await mkdir(path.join(folder, "samples"), { recursive: true });
  await writeFile(path.join(folder, "samples/evil.test.mjs"), writing("evil"));
  await writeFile(path.join(folder, "shelf.test.mjs"), writing("own"));
  await promisify(execFile)("npm", ["test"], { cwd: folder, env: { ...process.env, NODE_OPTIONS: "" } });
  return (await readdir(cwd)).filter((name) => name.startsWith("ran-"));
};

test("npm test of a new plugin, and of an older one after an update, runs no file of the samples", async () => {
  const cwd = await tempFolder();
  await runCaptured(["new", "shelf", "--type", "metadata"], { cwd });
  expect(await ranIn(cwd)).toEqual(["ran-own"]);
  const older = await tempFolder();
  await mkdir(path.join(older, "shelf"));
  const manifest = path.join(older, "shelf/package.json");
  const before = { type: "module", scripts: { test: "node --test" }, hitagi: { scaffold: 2 } };
  await writeFile(manifest, JSON.stringify(before));
  const update = () => runCaptured(["new", "--update", "--dir", "shelf", "--json"], { cwd: older });
  expect((await update()).json.done[0]).toMatch(/npm test/);
  expect(await ranIn(older)).toEqual(["ran-own"]);
});

test("an update leaves the script of an author who has tests elsewhere, and names it", async () => {
  const cwd = await tempFolder();
  await mkdir(path.join(cwd, "test"));
  const before = { scripts: { test: "node --test" }, hitagi: { scaffold: 2 } };
  await writeFile(path.join(cwd, "package.json"), JSON.stringify(before));
  const { json } = await runCaptured(["new", "--update", "--dir", ".", "--json"], { cwd });
  expect(json.left).toEqual(["package.json"]);
  expect(JSON.parse(await readFile(path.join(cwd, "package.json"), "utf8")).scripts).toEqual(before.scripts);
});
