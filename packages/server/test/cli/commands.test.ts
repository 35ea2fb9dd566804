import { mkdir, rename, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fixturePlugins, pluginText } from "../http/plugin-sources.ts";
import { cbz } from "../library/cbz.ts";
import { writeRegistry } from "../support/registry-fixture.ts";
import { openCliWorld, type World } from "./cli-world.ts";

let world: World;
let registry: string;
beforeAll(async () => {
  world = await openCliWorld();
  await writeRegistry(path.join(world.folder, "comics"), fixturePlugins);
  registry = (await world.run("registry", "add", "./comics", "--json")).json.id;
});
afterAll(() => world.close());

/** Runs a command that must succeed and write nothing but its answer. */
const done = async (...argv: string[]) => {
  const ran = await world.run(...argv);
  expect({ code: ran.code, err: argv.includes("--json") ? ran.err : "" }, ran.err).toEqual({
    code: 0,
    err: "",
  });
  return ran;
};
const failed = async (code: number, ...argv: string[]) => {
  const ran = await world.run(...argv);
  expect(ran.code, ran.out + ran.err).toBe(code);
  expect(ran.err).toMatch(/^error: .+\n(.+\n)*hint: .+\n/m);
  return ran;
};
/** The words of each line. */
const rows = (out: string): string[][] =>
  out
    .trimEnd()
    .split("\n")
    .map((line) => line.trim().split(/\s{2,}/));

describe("hitagi registry", () => {
  it("adds a folder under its own name, refreshes it and lists it", async () => {
    const { json } = await done("registry", "list", "--json");
    expect(json).toEqual([
      expect.objectContaining({ id: registry, name: "comics", provider: "local", plugins: 3 }),
    ]);
    const { out } = await done("registry", "list");
    expect(rows(out)[0]).toEqual([
      "ID",
      "NAME",
      "PROVIDER",
      "PLUGINS",
      "REFRESHED",
      "STATE",
      "SIGNED",
      "DEFAULT",
      "PLACE",
    ]);
    expect(rows(out)[1]?.slice(0, 4)).toEqual([registry, "comics", "local", "3"]);
    expect(out).not.toContain("\u001b");
    expect(out).not.toMatch(/ +$/m);
  });

  it("refreshes by name, and sets, shows and clears the default", async () => {
    expect((await done("registry", "refresh", "COMICS", "--json")).json).toEqual([
      { id: registry, name: "comics", plugins: 3, changed: false },
    ]);
    expect((await done("registry", "default", "comics", "--json")).json).toEqual({ id: registry });
    expect((await done("registry", "default")).out).toContain(registry);
    expect((await done("registry", "default", "--clear", "--json")).json).toEqual({ id: "" });
  });

  it("does not add a registry that does not exist, except with --no-refresh", async () => {
    await mkdir(path.join(world.folder, "empty"), { recursive: true });
    const { err } = await failed(1, "registry", "add", "empty");
    expect(err).not.toContain(world.folder);
    expect(err).toContain("empty was not added");
    const names = async () =>
      (await done("registry", "list", "--json")).json.map((r: { name: string }) => r.name);
    expect(await names()).toEqual(["comics"]);
    await done("registry", "add", "empty", "--no-refresh", "--json");
    expect(await names()).toEqual(["comics", "empty"]);
    await done("registry", "remove", "empty");
  });

  it("does not add the same place twice", async () => {
    const { err } = await failed(1, "registry", "add", "./comics/", "--name", "again");
    expect(err).toContain(`already exists as ${registry} (comics)`);
    expect(err).toContain(`hitagi registry refresh ${registry}`);
  });

  it("refuses a source that is neither a folder nor an address, and unknown names", async () => {
    expect((await failed(2, "registry", "add", "./nowhere")).err).toContain("./nowhere");
    expect((await failed(1, "registry", "remove", "nobody")).err).toContain("hitagi registry list");
  });
});

describe("hitagi search and info", () => {
  it("show the offered plugins", async () => {
    const { out } = await done("search", "echo");
    expect(rows(out)[1]?.slice(0, 6)).toEqual(["echo", "script", "1.1.0", "-", "-", "comics"]);
    expect((await done("search", "--type", "metadata", "--registry", "comics", "--json")).json).toMatchObject(
      {
        total: 1,
        items: [{ namespace: "tagger" }],
      },
    );
    expect((await world.run("search", "--size", "1")).err).toContain("--page 2");
    expect((await done("search", "no such plugin")).out).toBe("Nothing found.\n");
    const info = await done("info", "Echo", "--json");
    expect(info.json).toMatchObject({ installed: null, settings: [], offers: [{ registry }] });
    expect((await done("info", "copytags")).out).toMatch(/^Origin +builtin$/m);
    expect((await failed(1, "info", "nothing")).err).toMatch(/^hint: .*hitagi search/m);
    expect((await failed(1, "install", "nothing")).err).toMatch(/^hint: .*hitagi search/m);
    expect((await failed(1, "install", "comic-info")).err).toMatch(
      /^error: comic-info is a builtin plugin .*\nhint: It is installed: see `hitagi info comic-info`\.$/m,
    );
    expect((await failed(1, "install", "ecko")).err).toMatch(/^hint: Did you mean echo\?/m);
  });

  it("show the description and the permissions of a plugin that is not installed", async () => {
    const { out } = await done("info", "TAGGER");
    expect(out).toMatch(/^Namespace +tagger$/m);
    expect(out).toMatch(/^Type +metadata$/m);
    expect(out).toMatch(/^Installed +no$/m);
    expect(out).toMatch(/^(Name|Author|Description|Version) +[^-\s]/m);
    expect(out).toMatch(/^Asks for +\S/m);
    expect(out).toContain("OFFERED BY");
  });
});

describe("hitagi install and the commands for installed plugins", () => {
  it("installs, runs, upgrades, rolls back, verifies and removes", async () => {
    expect((await failed(2, "install", "echo@1.0.0", "--version", "1.1.0")).err).toContain(
      "1.0.0 and 1.1.0 are named.",
    );
    const { out, err } = await world.run("install", "echo@1.0.0");
    expect(out).toBe("Installed echo 1.0.0. It has no permissions.\n");
    expect(err).toContain("Will install echo 1.0.0 from comics.\n");
    expect((await done("run", "echo", "--arg", "hi", "--json")).json).toEqual({
      version: "1.0.0",
      arg: "hi",
    });
    expect((await done("upgrade", "--list", "--json")).json).toEqual({
      updates: [{ namespace: "echo", registry, registryName: "comics", installed: "1.0.0", update: "1.1.0" }],
      held: [],
      withdrawn: [],
    });
    expect(rows((await done("upgrade", "--list")).out)[1]).toEqual(["echo", "1.0.0", "1.1.0", "comics"]);
    expect(rows((await done("upgrade")).out)[1]).toEqual(["echo", "1.0.0", "1.1.0", "upgraded"]);
    expect((await done("upgrade")).out).toBe("Nothing to upgrade.\n");
    expect(rows((await done("upgrade", "echo")).out)[1]).toEqual(["echo", "1.1.0", "1.1.0", "up to date"]);
    expect((await done("upgrade", "echo", "--json")).json).toMatchObject([
      { outcome: "up_to_date", error: { code: "NO_UPDATE" } },
    ]);
    expect((await failed(1, "upgrade", "echo", "nothing")).err).not.toContain("echo");
    expect((await done("list", "echo")).out).toMatch(/^1\.1\.0 +yes/m);
    expect((await done("rollback", "echo")).out).toBe("echo is now at 1.0.0.\n");
    expect((await done("list", "--type", "script", "--json")).json).toContainEqual(
      expect.objectContaining({ namespace: "echo", version: "1.0.0", registry }),
    );
    expect((await done("verify")).out).toMatch(/^echo +ok +Managed/m);
    expect((await done("uninstall", "echo")).out).toContain("echo plugin");
    expect((await failed(1, "uninstall", "echo")).err).toContain("not installed");
  });

  it("prints the message and the hint when a plugin fails", async () => {
    expect((await failed(1, "install", "broken")).err).toContain("failed to load");
    expect((await failed(1, "run", "nothing")).err).toContain("hitagi list");
    expect((await failed(1, "install", "echo", "--version", "9.0.0")).err).toContain("hitagi info echo");
    expect((await failed(1, "rollback", "copytags")).err).toContain("builtin");
  });

  it("names the plugin and the file in hints about them", async () => {
    const write = (name: string, text: string) => writeFile(path.join(world.folder, `${name}.ts`), text);
    await write("bad", "export default { namespace: 1 };");
    expect((await failed(1, "sideload", "bad.ts")).err).toContain("`hitagi check bad.ts`");
    const fails = 'getTags() { throw new Error("no"); },';
    await write(
      "boom",
      pluginText("boom", "1.0.0", "metadata", fails, 'url_regex: "^https://boom[.]example/",'),
    );
    await done("sideload", "boom.ts");
    await writeFile(path.join(world.folder, "boom.cbz"), cbz("boom"));
    await done("library", "add", "boom.cbz");
    const named = ["run", "boom"];
    const chosen = ["run", "--url", "https://boom.example/1"];
    for (const words of [
      named,
      chosen,
      [...named, "--apply"],
      [...chosen, "--apply"],
      [...chosen, "--debug"],
    ]) {
      const { err } = await failed(1, ...words, "--archive", "boom.cbz");
      expect(err).toContain("hint: `hitagi logs boom` shows");
    }
    const { json: jobs } = await done("job", "list", "--json");
    const { err } = await failed(1, "job", "wait", String(jobs.items[0].id));
    expect(err).toContain("hint: `hitagi logs boom` shows");
    await done("uninstall", "boom");
    await done("library", "remove", "boom.cbz", "--yes");
  });

  it("lists the choices if several registries offer a plugin, and prefers the default", async () => {
    await writeRegistry(path.join(world.folder, "second"), fixturePlugins);
    const second = (await done("registry", "add", "second", "--json")).json.id;
    const { err } = await failed(1, "install", "echo");
    expect(err).toContain(registry);
    expect(err).toContain(second);
    await done("registry", "default", second);
    expect((await done("install", "echo", "--json")).json).toMatchObject({
      registry: second,
      version: "1.1.0",
    });
    expect((await failed(1, "install", "echo", "--registry", "comics")).err).toMatch(/[Uu]se force/);
    await done("install", "echo", "--registry", "comics", "--force");
    await done("uninstall", "echo");
    await done("registry", "remove", "second");
  });

  it("installs a plugin from a file", async () => {
    await writeFile(
      path.join(world.folder, "own.ts"),
      pluginText("own", "0.1.0", "script", "async run() { return 1; },"),
    );
    expect((await done("sideload", "own.ts")).out).toContain("Installed own 0.1.0");
    expect((await done("run", "own", "--json")).json).toEqual({ result: 1 });
    await failed(2, "sideload", "missing.ts");
    await mkdir(path.join(world.folder, "another"), { recursive: true });
    const another = pluginText("another", "0.1.0", "script", "run: () => 1,");
    await writeFile(path.join(world.folder, "another/own.ts"), another);
    const named = await world.run("sideload", "another/own.ts");
    expect([named.code, named.err]).toEqual([
      0,
      "Another plugin has a file of that name, so that it is own-another.ts on the server.\nTo undo: `hitagi uninstall another`\n",
    ]);
    expect((await done("info", "another", "--json")).json.installed.path).toBe("Sideloaded/own-another.ts");
    for (const name of ["own", "another"]) await done("uninstall", name);
  });
});

describe("hitagi settings, grant, enable and the library", () => {
  it("set a plugin up and run it on archives", async () => {
    await done("install", "tagger", "--yes", "--json");
    expect((await done("settings", "tagger", "word=more", "key=hidden")).out).toMatch(
      /^word +string +more +yes/m,
    );
    expect((await done("settings", "tagger", "--json")).out).not.toContain("hidden");
    expect((await done("settings", "tagger", "--reset", "word")).out).toMatch(/^word +string +yes +no/m);
    expect((await failed(1, "settings", "tagger", "other=1")).err).toContain("other");
    await failed(2, "settings", "tagger", "word");
    expect((await done("grant", "tagger", "--none")).out).toContain("tagger has no permissions.");
    expect((await done("grant", "tagger")).out).toContain("reach api.example.org");
    expect((await done("enable", "tagger", "--priority", "2")).out).toContain("every new archive");

    await writeFile(path.join(world.folder, "a.cbz"), cbz("cli"));
    const [added] = (await done("library", "add", "a.cbz", "--tags", "x", "--json")).json;
    const shown = (await done("library", "show", added.id, "--json")).json;
    expect(shown.tags).toContain("tagged:yes");
    await done("disable", "tagger");
    expect(rows((await done("library", "list")).out)[1]?.[0]).toBe(added.id.slice(0, 8));
    expect((await done("library", "edit", added.id, "--title", "New")).out).toMatch(/^Title +New$/m);
    expect((await done("run", "tagger", "--archive", added.id)).out).toContain('title: "T"');
    await done("run", "tagger", "--archive", added.id, "--apply");
    for (const more of [[], ["--apply"]]) {
      const { err } = await failed(1, "run", "tagger", ...more);
      expect(err).toMatch(/tagger works on an archive.*\nhint: .*`hitagi run tagger --archive <archive>`/);
    }
    expect((await done("run", "tagger", "--archive", "a.cbz")).out).toContain('title: "T"');
    expect((await done("run", "tagger", "--archive", added.id.slice(0, 6))).out).toContain('title: "T"');
    expect((await failed(1, "run", "tagger", "--archive", "none.cbz")).err).toContain("hitagi library list");
    const data = path.join(world.folder, "data/library");
    await rename(path.join(data, "a.cbz"), path.join(world.folder, "away.cbz"));
    const missing = await done("library", "list");
    expect(rows(missing.out)[1]?.slice(0, 2)).toEqual([added.id.slice(0, 8), "missing"]);
    expect(missing.err).toContain("file of one archive is missing");
    await writeFile(path.join(data, "notes.txt"), "notes");
    const problems = rows((await done("library", "problems")).out).slice(1);
    expect(problems.map((row) => row.slice(0, 2)).sort()).toEqual([
      ["a.cbz", "missing"],
      ["notes.txt", "unsupported"],
    ]);
    await rename(path.join(world.folder, "away.cbz"), path.join(data, "a.cbz"));
    expect((await done("library", "show", added.id, "--json")).json.title).toBe("T");
    await done("library", "edit", added.id, "--tags", "x");
    const batch = await done("batch", "run", "--plugin", "tagger", "a.cbz", "--json");
    expect(batch.json.counts).toMatchObject({ changed: 1, failed: 0 });
    const { job } = batch.json;
    const reported = await done("batch", "report", `${job}`);
    expect(reported.out).toMatch(/^1 changed\.$/m);
    expect(reported.out).toContain('tags: "tagged:yes"');
    expect((await done("batch", "undo", `${job}`)).out).toBe("Restored 1 archive.\n");
    expect((await done("library", "show", added.id, "--json")).json.tags).toBe("x");
    expect((await failed(1, "batch", "run", "--enabled", "--all")).err).toContain("hitagi enable");
    const detached = await world.run("batch", "run", "--plugin", "tagger", "--all", "--detach");
    expect([detached.code, detached.out]).toEqual([0, expect.stringMatching(/^Job \d+ was queued\.$/m)]);
    expect((await failed(2, "batch", "run", "--all")).err).toContain("--enabled");
    expect((await failed(2, "batch", "run", "--enabled")).err).toContain("--all");
    expect((await failed(1, "batch", "report", "1")).err).toContain("is not a batch");
    expect((await done("library", "remove", added.id, "--yes")).out).toBe('Deleted "a.cbz".\n');
    await failed(1, "library", "show", added.id);
    expect((await failed(2, "library", "add", "missing.cbz")).err).toContain("missing.cbz does not exist.");
    await mkdir(path.join(world.folder, "shelf/series"), { recursive: true });
    expect((await failed(2, "library", "add", "shelf")).err).toContain("contains no archive");
    await writeFile(path.join(world.folder, "shelf/one.cbz"), cbz("one"));
    await writeFile(path.join(world.folder, "shelf/series/two.ZIP"), cbz("two"));
    const shelf = (await done("library", "add", "shelf", "--json")).json;
    expect(shelf.map((a: { filename: string }) => a.filename)).toEqual(["one.cbz", "two.ZIP"]);
    for (const { id } of shelf) await done("library", "remove", id, "--yes");

    await writeFile(path.join(world.folder, "broken.cbz"), "no zip");
    const some = await world.run("library", "add", "missing.cbz", "broken.cbz", "a.cbz");
    expect(some.code).toBe(1);
    expect(some.out).toContain("a.cbz");
    expect(some.err).toContain("2 of 3 were not added");
    expect(some.err).toMatch(/^ {2}missing\.cbz: /m);
    expect(some.err).toMatch(/^ {2}broken\.cbz: .*cannot be read/m);
    await done("uninstall", "tagger");
  });
});

describe("a removed registry", () => {
  it("lists the plugins that lose their updates, and adding it again reconnects them", async () => {
    await done("install", "echo");
    const { err } = await failed(1, "registry", "remove", "comics");
    expect(err).toContain("would get no more updates: echo");
    expect(err).toContain("--yes");
    await done("registry", "remove", "comics", "--yes");
    const added = await done("registry", "add", "comics");
    expect(added.err).toMatch(/hitagi install echo --version 1\.1\.0 --registry REG_\d+/);
    await done("install", "echo");
    const ids = (await done("registry", "list", "--json")).json.map((r: { id: string }) => r.id);
    expect(ids).toContain((await done("info", "echo", "--json")).json.installed.registry);
    await done("uninstall", "echo");
  });

  it("does not replace a plugin with a registry's different file of the same name", async () => {
    await done("install", "echo", "--version", "1.0.0");
    await done("registry", "remove", "comics", "--yes");
    await done("registry", "add", "comics");
    expect((await failed(1, "install", "echo")).err).toMatch(/[Uu]se force/);
    await done("install", "echo", "--version", "1.0.0");
    await done("uninstall", "echo");
  });
});

describe("hitagi info --network", () => {
  it("shows the requests that a plugin made", async () => {
    await done("install", "echo");
    expect((await done("info", "echo", "--network")).out).toContain("has made no request");
    expect((await done("info", "echo", "--network", "--json")).json).toEqual([]);
    await done("uninstall", "echo");
    await failed(1, "info", "echo", "--network");
  });
});

describe("hitagi run --url", () => {
  it("runs the plugin that reads the address, and says which one it is", async () => {
    const source = pluginText(
      "reader",
      "1.0.0",
      "metadata",
      'getTags: (ctx) => ({ tags: ["read:" + ctx.arg] }),',
      'url_regex: "^https://site[.]example/g/",',
    );
    await writeFile(path.join(world.folder, "reader.ts"), source);
    await done("sideload", "reader.ts", "--json");
    await writeFile(path.join(world.folder, "page.cbz"), cbz("page"));
    await done("library", "add", "page.cbz", "--json");
    const at = ["--url", "site.example/g/1", "--archive", "page.cbz"];
    const ran = await world.run("run", ...at);
    expect(ran.err).toBe("reader reads this address.\n");
    expect(ran.out).toBe('new_tags: "read:https://site.example/g/1"\n');
    const data = { new_tags: " read:https://site.example/g/1" };
    expect((await done("run", ...at, "--apply", "--json")).json).toEqual({ plugin: "reader", data });
    expect((await done("run", "reader", "--url", "any", "--archive", "page.cbz")).out).toContain("read:any");

    const unknown = await failed(1, "run", "--url", "https://other.example/1", "--archive", "page.cbz");
    expect(unknown.err).toMatch(
      /No metadata plugin reads .*other\.example.*\nhint: .*reader \(site\.example\)/,
    );
    const noArchive = await failed(1, "run", "--url", "site.example/g/1");
    expect(noArchive.err).toContain("`hitagi run --url <address> --archive <archive>`");
    expect((await failed(2, "run")).err).toMatch(/No plugin was given.*\nhint: .*--url/);
    expect((await world.run("run", "reader", "--url", "x", "--arg", "y")).code).toBe(2);
    await done("uninstall", "reader");
  });
});

describe("hitagi job", () => {
  it("lists, shows, waits for and cancels jobs", async () => {
    await failed(1, "upgrade", "nothing");
    const { items } = (await done("job", "list", "--json")).json;
    const good = items.find((j: { result: { success: number } }) => j.result?.success === 1);
    const bad = items.find((j: { result: { success: number } }) => j.result?.success === 0);
    expect((await done("job", "list", "--size", "2")).out).toMatch(/^ID +TASK +STATE/);
    expect((await done("job", "show", String(bad.id))).out).toMatch(/^State +finished$/m);
    expect((await done("job", "wait", String(good.id), "--json")).json.id).toBe(good.id);
    expect((await world.run("job", "wait", String(bad.id))).code).toBe(1);
    const late = await done("job", "cancel", String(good.id));
    expect([late.out, late.err]).toEqual([`Job ${good.id} had already ended.\n`, ""]);
    expect((await done("job", "show", String(bad.id))).out).not.toMatch(/^Arguments .*null/m);
    expect((await failed(1, "job", "show", "999999")).err).toContain("999999");
    expect((await world.run("job", "show", "abc")).code).toBe(2);
  });
});
