import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { noBubblewrap, noPerl } from "../runtimes/perl/fixture.ts";
import { openCliWorld, type World } from "./cli-world.ts";

let world: World;
beforeAll(async () => {
  world = await openCliWorld({ perl: "1" });
});
afterAll(() => world.close());

const put = async (file: string, text: string) => {
  const target = path.join(world.folder, file);
  await mkdir(path.dirname(target), { recursive: true });
  await writeFile(target, text);
};

const script = (namespace: string, version: string, says: string) => `export default {
  namespace: "${namespace}", type: "script", name: "${namespace}", version: "${version}", author: "a",
  run: () => ({ says: "${says}" }),
};`;

/** A plugin as those of LANraragi itself are: its package is below no Managed. */
const stockScript = (stem: string, namespace: string, version: string, says: string) => `
package LANraragi::Plugin::Scripts::${stem};
use strict;
use warnings;
sub plugin_info {
  return (name => '${stem}', type => 'script', namespace => '${namespace}', author => 'someone', version => '${version}',
    description => 'Says something', parameters => []);
}
sub run_script { return (says => '${says}') }
1;
`;

const says = async (namespace: string) => (await world.run("run", namespace, "--json")).json;

describe("a folder of plugins without registry.json", () => {
  test("is offered: by a question in a terminal, by a command in a script", async () => {
    await put("offered/one.ts", script("one", "1.0.0", "hello"));
    const refused = await world.run("registry", "add", "offered");
    expect(refused.code).toBe(1);
    expect(refused.err).toContain("offered has no registry.json, but 1 file that may be a plugin.");
    expect(refused.err).toContain("`hitagi registry add offered --generate-index`");
    const tested = await world.run("registry", "test", "offered");
    expect([tested.code, tested.err]).toEqual([1, expect.stringContaining("--generate-index")]);
    const no = await world.inTerminal("n\n", "registry", "add", "offered");
    expect([no.code, no.err]).toEqual([1, expect.stringContaining("generate the index from them? [y/N]")]);
    const yes = await world.inTerminal("y\n", "registry", "add", "offered", "--json");
    expect([yes.code, yes.json]).toEqual([0, expect.objectContaining({ generateIndex: true, plugins: 1 })]);
    await world.run("registry", "remove", "offered");
  });

  test("has a file with the name of another registry's file, and both are installed", async () => {
    for (const name of ["first", "second"]) {
      await put(`${name}/same.ts`, script(`same-${name}`, "1.0.0", name));
      await world.run("registry", "add", name, "--generate-index");
      expect((await world.run("install", `same-${name}`)).out).toContain(`Installed same-${name} 1.0.0`);
    }
    expect([await says("same-first"), await says("same-second")]).toEqual([
      { says: "first" },
      { says: "second" },
    ]);
    await put("second/same.ts", script("same-second", "1.1.0", "later"));
    await world.run("registry", "refresh", "second");
    expect((await world.run("upgrade", "same-second")).code).toBe(0);
    expect([await says("same-first"), await says("same-second")]).toEqual([
      { says: "first" },
      { says: "later" },
    ]);
    expect((await world.run("verify")).code).toBe(0);
    for (const name of ["first", "second"]) {
      await world.run("uninstall", `same-${name}`);
      await world.run("registry", "remove", name);
    }
  });

  test("offers its plugins, says what does not load and why, and follows changes of the files", async () => {
    await put("plain/one.ts", script("plain-one", "1.0.0", "hello"));
    await put("plain/broken.ts", "export default { namespace: 1 + };");
    const added = await world.run("registry", "add", "plain", "--generate-index");
    expect([added.code, added.err]).toEqual([0, expect.stringContaining("Added registry")]);
    expect(added.out).toContain("1 plugin; see it");
    expect(added.out).toMatch(/Skipped in plain: 1\nPATH +REASON\nbroken\.ts +\S/);
    expect((await world.run("install", "plain-one")).code).toBe(0);
    expect(await says("plain-one")).toEqual({ says: "hello" });
    const unchanged = await world.run("registry", "refresh", "plain", "--json");
    expect(unchanged.json).toEqual([
      expect.objectContaining({ changed: false, plugins: 1, skippedCount: 1 }),
    ]);

    await put("plain/one.ts", script("plain-one", "1.0.0", "changed"));
    await world.run("registry", "refresh", "plain");
    const outdated = await world.run("upgrade", "--json");
    expect(outdated.code).toBe(0);
    expect(await says("plain-one")).toEqual({ says: "changed" });
    const { json } = await world.run("info", "plain-one", "--json");
    expect(json.installed).toMatchObject({
      path: "Hitagi/Scripts/one.ts",
      manifest: { version: expect.stringMatching(/^1\.0\.0\+[0-9a-f]{12}$/) },
    });
    expect((await world.run("uninstall", "plain-one")).code).toBe(0);
  });

  test("can be changed to its registry.json and back", async () => {
    await put("both/one.ts", script("both-one", "1.0.0", "hello"));
    await world.run("registry", "add", "both", "--generate-index");
    const indexed = await world.run("registry", "update", "both", "--no-generate-index", "--json");
    expect(indexed.json).not.toHaveProperty("generateIndex");
    expect((await world.run("registry", "refresh", "both")).err).toContain("registry.json");
    const generated = await world.run("registry", "update", "both", "--generate-index", "--json");
    expect(generated.json).toMatchObject({ generateIndex: true });
    expect((await world.run("registry", "refresh", "both")).code).toBe(0);
  });

  test("without any plugin file is refused", async () => {
    await put("empty/README.md", "nothing");
    const { code, err } = await world.run("registry", "add", "empty", "--generate-index");
    expect([code, err]).toEqual([1, expect.stringContaining("empty has no files that may be plugins.")]);
  });
});

describe.skipIf(noPerl || noBubblewrap)("LANraragi's own plugins", () => {
  test("are offered and run, although their packages are not below Managed", async () => {
    await put(
      "stock/lib/LANraragi/Plugin/Scripts/Echo.pm",
      stockScript("Echo", "stock-echo", "2.3.1", "first"),
    );
    await put(
      "stock/lib/LANraragi/Plugin/Download/Echo.pm",
      stockScript("Echo", "stock-other", "0.001", "other").replaceAll("Scripts::", "Download::"),
    );
    await put(
      "stock/lib/LANraragi/Plugin/Scripts/Dies.pm",
      "package LANraragi::Plugin::Scripts::Dies; die 'a module is missing'; sub plugin_info {}",
    );
    await put("stock/lib/LANraragi/Utils.pm", "package LANraragi::Utils; 1;");
    const added = await world.run("registry", "add", "stock", "--generate-index", "--json");
    expect(added.json).toMatchObject({
      plugins: 2,
      skipped: [
        {
          path: "lib/LANraragi/Plugin/Scripts/Dies.pm",
          reason: expect.stringContaining("a module is missing"),
        },
      ],
    });
    expect((await world.run("install", "stock-echo", "--yes")).code).toBe(0);
    expect(await says("stock-echo")).toEqual({ says: "first" });
    const { json } = await world.run("info", "stock-echo", "--json");
    expect(json.installed).toMatchObject({ path: "Hitagi/Scripts/Echo.pm", manifest: { version: "2.3.1" } });
    await put(
      "stock/lib/LANraragi/Plugin/Scripts/Echo.pm",
      stockScript("Echo", "stock-echo", "2.4.0", "second"),
    );
    await world.run("registry", "refresh", "stock");
    expect((await world.run("upgrade", "stock-echo")).code).toBe(0);
    expect(await says("stock-echo")).toEqual({ says: "second" });
    const back = await world.run("rollback", "stock-echo");
    expect([back.code, await says("stock-echo")]).toEqual([0, { says: "first" }]);
  });

  test("keep their versions, also those that are not SemVer", async () => {
    const file = "odd/Odd.pm";
    const info = async () => (await world.run("info", "odd", "--json")).json;
    await put(file, stockScript("Odd", "odd", "0.001", "first"));
    await world.run("registry", "add", "odd", "--generate-index");
    expect((await world.run("install", "odd", "--yes")).code).toBe(0);
    expect((await info()).installed.manifest.version).toBe("0.001");
    for (const version of ["0.004.1", "2.5.2_1", "0.3_1"]) {
      await put(file, stockScript("Odd", "odd", version, version));
      await world.run("registry", "refresh", "odd");
      expect((await world.run("search", "odd", "--json")).json.items[0]).toMatchObject({ update: version });
      expect((await world.run("upgrade", "odd")).code).toBe(0);
      expect(await says("odd")).toEqual({ says: version });
    }
    await put(file, stockScript("Odd", "odd", "0.3_1", "changed"));
    await world.run("registry", "refresh", "odd");
    expect((await world.run("upgrade", "odd")).code).toBe(0);
    expect((await info()).installed.manifest.version).toMatch(/^0\.3_1\+[0-9a-f]{12}$/);
    expect(await says("odd")).toEqual({ says: "changed" });
  });
});
