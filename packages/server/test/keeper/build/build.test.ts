import { createHash } from "node:crypto";
import { cp, readdir, rm, truncate } from "node:fs/promises";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { pluginSource } from "../../install/plugin-source.ts";
import { openBuildWorld } from "./build-world.ts";

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

describe("hitagi registry init", () => {
  it("makes a folder that can be built, and does not touch one that is a registry", async () => {
    const { build, index, details, run, read } = await openBuildWorld("--contact", "me@example.org");
    expect((await build()).code).toBe(0);
    expect((await index()).plugins).toEqual({});
    expect(await details()).toEqual({ version: 1, name: "Mine", contact: "me@example.org", plugins: {} });
    const before = await read("mine/keeper.json");
    const again = await run(["init", "mine", "--name", "Other"]);
    expect([again.code, again.err]).toEqual([1, expect.stringContaining("keeper.json")]);
    expect(await read("mine/keeper.json")).toBe(before);
  });

  it("names plugins beside the folder of plugins, with the command that takes them in", async () => {
    const { run, write, build } = await openBuildWorld();
    await write("loose/echo.ts", pluginSource({}));
    await write("loose/vite.config.ts", pluginSource({}));
    await write("loose/tool.ts", "export {};");
    const { err } = await run(["init", "loose", "--name", "Loose"]);
    const told = "echo.ts is left out: a build reads the folder plugins only.";
    const [command = ""] = /registry add [^`]+/.exec(err) ?? [];
    expect([err.startsWith(told), command]).toEqual([true, "registry add loose/echo.ts --dir loose"]);
    expect((await run(["build", "loose"])).err).toContain(told);
    expect((await run(command.split(" ").slice(1))).code).toBe(0);
    expect((await run(["build", "loose"])).err).toBe("");
    expect((await build()).err).toBe("");
  });

  it("refuses a homepage that is none", async () => {
    const { run } = await openBuildWorld();
    const { code, err } = await run(["init", "new", "--name", "New", "--homepage", "javascript:1"]);
    expect([code, err]).toEqual([1, expect.stringContaining("/homepage")]);
  });
});

describe("hitagi registry build", () => {
  it("publishes each plugin with its hash, permissions, readme and changelog", async () => {
    const { plugin, write, build, index, details, read } = await openBuildWorld();
    await plugin("echo.ts");
    await plugin("tags/tags.ts", {
      ...{ namespace: "tags", type: "metadata", version: "1.1.0" },
      permissions: { net: ["api.example.org"] },
    });
    await write("mine/plugins/tags/README.md", "# Tags\n");
    await write(
      "mine/plugins/tags/CHANGELOG.md",
      "# Changes\n\n## [1.1.0] - today\n\n- More tags\n\n## 1.0.0\n\n- Tags\n",
    );
    await write("mine/plugins/echo.md", "Echoes.\n");
    const { code, json } = await build("--json");
    expect([code, json.head, json.changes]).toMatchObject([
      0,
      null,
      [
        { namespace: "echo", version: "1.0.0", change: "added" },
        { namespace: "tags", version: "1.1.0", change: "added" },
      ],
    ]);
    const { plugins } = await index();
    for (const entry of [plugins.echo.versions["1.0.0"], plugins.tags.versions["1.1.0"]])
      expect(sha256(await read(`mine/${entry.artifact}`))).toBe(entry.sha256);
    expect(plugins.echo.versions["1.0.0"].artifact).toBe("artifacts/script/echo/1.0.0/echo.ts");
    const described = (await details()).plugins;
    expect(described.echo).toMatchObject({ readme: "Echoes.", versions: { "1.0.0": { permissions: {} } } });
    expect(described.tags).toEqual({
      readme: "# Tags",
      versions: {
        "1.1.0": {
          changelog: "- More tags",
          size: Buffer.byteLength(await read("mine/plugins/tags/tags.ts")),
          permissions: { net: ["api.example.org"] },
        },
      },
    });
    expect((await build()).out).toBe("Nothing changed.\n");
  });

  it("bundles what a plugin imports into one file, and says where an import leads nowhere", async () => {
    const { write, build, index, read } = await openBuildWorld();
    const source = (imported: string) => `import { word } from "${imported}";
export default {
  namespace: "worded", type: "script", name: "Worded", version: "1.0.0", author: "me", description: "Says a word.",
  run: () => word,
};
`;
    await write("mine/shared/words.ts", 'export const word: string = "snail";\n');
    await write("mine/plugins/worded/worded.ts", source("../../shared/words.ts"));
    expect((await build()).code).toBe(0);
    const { artifact } = (await index()).plugins.worded.versions["1.0.0"];
    expect(artifact).toBe("artifacts/script/worded/1.0.0/worded.js");
    expect(await read(`mine/${artifact}`)).toContain('var word = "snail"');
    expect((await build()).out).toBe("Nothing changed.\n");
    await write("mine/shared/words.ts", 'export const word: string = "moon";\n');
    const changed = await build();
    expect([changed.code, changed.out]).toEqual([
      1,
      expect.stringMatching(/worded\.ts +worded 1\.0\.0 is published/),
    ]);
    await write("mine/plugins/worded/worded.ts", source("../../shared/none.ts"));
    const { err } = await build();
    expect(err).toMatch(
      /mine\/plugins\/worded\/worded\.ts:1:\d+: Could not resolve "\.\.\/\.\.\/shared\/none\.ts"/,
    );
  });

  it("shows what changes in words, and writes nothing with --dry-run", async () => {
    const { plugin, build, files } = await openBuildWorld();
    await plugin("tags.ts", {
      namespace: "tags",
      type: "metadata",
      permissions: { net: ["api.example.org"] },
    });
    const before = await files();
    const { out } = await build("--dry-run");
    expect(out).toMatch(/^ {2}\+ tags 1\.0\.0 \(added\), asks for: .*api\.example\.org.*\nWould write /);
    expect(await files()).toEqual(before);
  });

  it("keeps published versions when the file goes on, and loads only what is new", async () => {
    const { plugin, build, index, files, details } = await openBuildWorld();
    await plugin("echo.ts");
    await plugin("other.ts", { namespace: "other" });
    await build();
    const first = await files();
    await plugin("echo.ts", { version: "1.1.0" });
    const { json } = await build("--json");
    expect(json.changes).toMatchObject([{ namespace: "echo", version: "1.1.0" }]);
    expect(json.files).toEqual([
      "artifacts/script/echo/1.1.0/echo.ts",
      "registry.details.json",
      "registry.json",
    ]);
    expect(Object.keys((await index()).plugins.echo.versions)).toEqual(["1.0.0", "1.1.0"]);
    expect(Object.keys((await details()).plugins.echo.versions)).toEqual(["1.0.0", "1.1.0"]);
    const kept = Object.entries(first).filter(([name]) => name.startsWith("artifacts/"));
    expect(Object.entries(await files())).toEqual(expect.arrayContaining(kept));
  });

  it("keeps a plugin whose source is gone", async () => {
    const { mine, plugin, build, index } = await openBuildWorld();
    await plugin("echo.ts");
    await build();
    await rm(path.join(mine, "plugins/echo.ts"));
    expect((await build()).out).toBe("Nothing changed.\n");
    expect(Object.keys((await index()).plugins)).toEqual(["echo"]);
  });

  it("publishes files in folders of their versions where they are", async () => {
    const { plugin, build, index } = await openBuildWorld();
    await plugin("script/echo/1.0.0/echo.ts");
    await plugin("script/echo/2.0.0-beta.1/echo.ts", { version: "2.0.0-beta.1" });
    expect((await build()).code).toBe(0);
    const { versions } = (await index()).plugins.echo;
    expect(Object.values<{ artifact: string }>(versions).map(({ artifact }) => artifact)).toEqual([
      "plugins/script/echo/1.0.0/echo.ts",
      "plugins/script/echo/2.0.0-beta.1/echo.ts",
    ]);
  });

  it("writes the same bytes for the same files at the same time", async () => {
    const { folder, mine, plugin, run, files, read } = await openBuildWorld();
    await plugin("b.ts", { namespace: "b" });
    await plugin("a.ts", { namespace: "a" });
    await cp(mine, path.join(folder, "copy"), { recursive: true });
    const env = { SOURCE_DATE_EPOCH: "1764417600" };
    await run(["build", "mine"], { env });
    await run(["build", "copy"], { env });
    expect(await read("copy/registry.json")).toBe((await files())["registry.json"]);
    expect(await read("copy/registry.details.json")).toBe((await files())["registry.details.json"]);
    const wrong = await run(["build", "mine"], { env: { SOURCE_DATE_EPOCH: "today" } });
    expect(wrong.code).toBe(2);
  });

  it("says in the details what keeper.json says", async () => {
    const { plugin, write, build, details } = await openBuildWorld();
    await plugin("echo.ts");
    const said = { homepage: "https://example.org/echo", licence: "MIT", tags: ["example"] };
    const requires = { hitagi: ">=0.1.0" };
    await write(
      "mine/keeper.json",
      JSON.stringify({ name: "New", plugins: { echo: { ...said, requires } } }),
    );
    await build();
    expect(await details()).toMatchObject({
      name: "New",
      plugins: { echo: { ...said, versions: { "1.0.0": { requires } } } },
    });
    await write("mine/keeper.json", JSON.stringify({ name: "New", colour: "red" }));
    const { code, err } = await build();
    expect([code, err]).toEqual([1, expect.stringContaining("/")]);
  });

  it("says in the details what a manifest needs, of published versions for ever", async () => {
    const { plugin, write, build, details } = await openBuildWorld();
    const requires = { plugins: { login: "^1.0.0" } };
    await plugin("echo.ts", { requires });
    await build();
    await write("mine/keeper.json", JSON.stringify({ plugins: { echo: { requires: { hitagi: "*" } } } }));
    await plugin("echo.ts", { version: "1.1.0" });
    await build();
    expect((await details()).plugins.echo.versions).toMatchObject({
      "1.0.0": { requires },
      "1.1.0": { requires: { hitagi: "*" } },
    });
    const wrong = { hitagi: "newest" };
    await write("mine/keeper.json", JSON.stringify({ plugins: { echo: { requires: wrong } } }));
    await plugin("echo.ts", { version: "1.2.0" });
    const { code, err } = await build();
    expect([code, err]).toEqual([1, expect.stringContaining("which is no range of versions")]);
  });

  it("signs with a key, in the same go", async () => {
    const { plugin, run, build, read } = await openBuildWorld();
    await plugin("echo.ts");
    await run([...["keygen", "--origin", "example.org/a"], ...["--out", "key", "--recovery-out", "paper"]]);
    const { json } = await build("--key", "key", "--json");
    expect(json.head).toEqual({ origin: "example.org/a", epoch: 1, sequence: 1 });
    expect((await run(["verify", "mine"])).code).toBe(0);
    await plugin("echo.ts", { version: "1.1.0" });
    const unsigned = await build();
    expect(unsigned.err).toContain("hitagi registry sign");
    const env = { HITAGI_SIGNING_KEY: await read("key") };
    const signed = await run(["build", "mine", "--json"], { env });
    expect(signed.json.head.sequence).toBe(2);
  });
});

describe("a build that cannot be done", () => {
  it.each<[string, (world: Awaited<ReturnType<typeof openBuildWorld>>) => Promise<unknown>, RegExp]>([
    ["a published version with other bytes", (w) => w.plugin("echo.ts", {}, "// changed"), /new version/],
    [
      "a version with other build metadata",
      (w) => w.plugin("echo.ts", { version: "1.0.0+fix" }),
      /new version/,
    ],
    ["a version of another form", (w) => w.plugin("echo.ts", { version: "1.1" }), /SemVer/],
    ["another type", (w) => w.plugin("echo.ts", { version: "2.0.0", type: "login" }), /published as script/],
    [
      "a file that does not load",
      (w) => w.plugin("new.ts", { namespace: "new", atLoad: "throw new Error('no');" }),
      /new\.ts/,
    ],
    ["two plugins of one namespace", (w) => w.plugin("second.ts", { version: "1.1.0" }), /also that of/],
    ["two plugins of one file name", (w) => w.plugin("deep/Echo.ts", { namespace: "loud" }), /Rename it/],
    [
      "a manifest that is wrong",
      (w) => w.write("mine/plugins/bad.ts", "export default { namespace: 'bad' }"),
      /bad\.ts/,
    ],
    ["a changed artifact", (w) => w.write("mine/artifacts/script/echo/1.0.0/echo.ts", "changed"), /Restore/],
    [
      "a missing artifact",
      (w) => rm(path.join(w.mine, "artifacts"), { recursive: true }),
      /yank echo 1\.0\.0/,
    ],
    ["an index that is spoiled", (w) => w.write("mine/registry.json", "{}"), /registry check/],
    ["details that are spoiled", (w) => w.write("mine/registry.details.json", "{}"), /registry check/],
  ])("leaves the folder as it was, and says what to do: %s", async (_, spoil, expected) => {
    const world = await openBuildWorld();
    await world.plugin("echo.ts");
    await world.build();
    await spoil(world);
    const before = await world.files();
    const { code, out, err } = await world.build();
    expect([code, out + err]).toEqual([1, expect.stringMatching(expected)]);
    expect(err).toMatch(/^error: .*\nhint: .+$/m);
    expect(await world.files()).toEqual(before);
  });

  it("a folder that is not there is named, and is not made", async () => {
    const { run, read } = await openBuildWorld();
    const { code, err } = await run(["build", "nowhere"]);
    expect([code, err]).toEqual([1, expect.stringMatching(/nowhere cannot be used: .* does not exist/)]);
    await expect(read("nowhere/registry.json")).rejects.toThrow("ENOENT");
  });

  it("names every file that has a problem", async () => {
    const { plugin, build } = await openBuildWorld();
    await plugin("one.ts", { namespace: "one", version: "1" });
    await plugin("two.ts", { namespace: "two", version: "2" });
    const { out, err } = await build();
    expect(out).toMatch(/plugins\/one\.ts[\s\S]*plugins\/two\.ts/);
    expect(err).toContain("2 files cannot be published");
  });
});

describe("hitagi registry yank", () => {
  it("withdraws a version for ever, and its source does not bring it back", async () => {
    const { plugin, build, run, index, details, mine } = await openBuildWorld();
    await plugin("echo.ts");
    await build();
    const { sha256 } = (await index()).plugins.echo.versions["1.0.0"];
    const { code } = await run([
      "yank",
      "echo",
      "1.0.0",
      "--reason",
      "It is wrong.",
      "--dangerous",
      "--yes",
      "--dir",
      "mine",
    ]);
    expect(code).toBe(0);
    expect((await index()).plugins).toEqual({});
    expect((await details()).plugins.echo.yanked).toEqual({
      "1.0.0": { sha256, reason: "It is wrong.", at: expect.stringMatching(/Z$/), dangerous: true },
    });
    expect((await build()).out).toBe("Nothing changed.\n");
    await plugin("echo.ts", {}, "// mended");
    expect((await build()).err).toContain("was yanked");
    await plugin("echo.ts", { version: "1.0.1" });
    await build();
    expect(Object.keys((await index()).plugins.echo.versions)).toEqual(["1.0.1"]);
    expect(Object.keys((await details()).plugins.echo.yanked)).toEqual(["1.0.0"]);
    expect((await run(["check", mine])).code).toBe(0);
  });

  it("is signed as what owners' servers take", async () => {
    const { plugin, build, run } = await openBuildWorld();
    await run(["keygen", "--origin", "example.org/a", "--out", "key", "--recovery-out", "paper"]);
    await plugin("echo.ts");
    await build("--key", "key");
    await run(["yank", "echo", "1.0.0", "--reason", "It is wrong.", "--yes", "--dir", "mine"]);
    const { json } = await run(["sign", "mine", "--key", "key", "--json"]);
    expect(json.changes).toMatchObject([{ namespace: "echo", version: "1.0.0", change: "yanked" }]);
  });

  it("needs --yes in a script, because nothing takes it back, and does nothing without", async () => {
    const { plugin, build, run, index } = await openBuildWorld();
    await plugin("echo.ts");
    await build();
    const yank = ["yank", "echo", "1.0.0", "--reason", "It is wrong.", "--dir", "mine"];
    const { code, out, err } = await run(yank);
    expect([code, out, err]).toEqual([
      1,
      "",
      expect.stringContaining("Repeat the command with --yes to yank it."),
    ]);
    expect(Object.keys((await index()).plugins.echo.versions)).toEqual(["1.0.0"]);
    expect((await run([...yank, "--dry-run"])).code).toBe(0);
  });

  it("refuses what is not published, and what was yanked; a yank may become dangerous", async () => {
    const { plugin, build, run, details } = await openBuildWorld();
    await plugin("echo.ts");
    await build();
    const yank = (...more: string[]) =>
      run(["yank", "echo", "1.0.0", "--reason", "It is wrong.", "--yes", "--dir", "mine", ...more]);
    const unknown = await run(["yank", "echo", "9.0.0", "--reason", "x", "--dir", "mine"]);
    expect([unknown.code, unknown.err]).toEqual([1, expect.stringContaining("is not published")]);
    expect((await yank()).code).toBe(0);
    expect((await yank()).err).toContain("stays yanked");
    expect((await yank("--dangerous")).code).toBe(0);
    expect((await details()).plugins.echo.yanked["1.0.0"].dangerous).toBe(true);
  });
});

describe("a folder of plugins", () => {
  const TEN = Array.from({ length: 10 }, (_, n) => `plugin-${n}`);

  it("becomes a signed registry in two commands", async () => {
    const { write, run, read } = await openBuildWorld();
    await run(["keygen", "--origin", "example.org/a", "--out", "key", "--recovery-out", "paper"]);
    for (const namespace of TEN) await write(`ten/${namespace}.ts`, pluginSource({ namespace }));
    const made = await run(["init", "new", "--name", "New", "--from", "ten"]);
    expect([made.code, made.out]).toEqual([0, expect.stringContaining("+ plugin-9 1.0.0 (added)")]);
    expect((await run(["publish", "new", "--to", "public", "--key", "key"])).code).toBe(0);
    expect((await run(["verify", "public"])).code).toBe(0);
    expect(Object.keys(JSON.parse(await read("public/registry.json")).plugins)).toEqual(TEN);
  });

  it("of which two have one namespace, or one does not load, leaves no folder", async () => {
    const { write, run, folder } = await openBuildWorld();
    const init = () => run(["init", "new", "--name", "New", "--from", "ten"]);
    await write("ten/a.ts", pluginSource({ namespace: "a" }));
    await write("ten/b.ts", pluginSource({ namespace: "a" }).concat("// another"));
    const twice = await init();
    expect([twice.code, twice.err]).toEqual([
      1,
      expect.stringMatching(
        /b\.ts: its namespace a is also that of plugins\/a\.ts\.\nhint: .*another namespace/,
      ),
    ]);
    await write("ten/b.ts", "export default { namespace: 'b'\n");
    const broken = await init();
    expect([broken.code, broken.err]).toEqual([1, expect.stringMatching(/b\.ts:2:1[\s\S]*hint: /)]);
    expect((await run(["init", "new", "--name", "New", "--from", "mine"])).err).toContain(
      "no plugin in mine",
    );
    expect(await readdir(folder)).not.toContain("new");
  });
});

describe("hitagi registry add with plugin files", () => {
  it("puts them into the folder, from which the next build publishes them", async () => {
    const { write, read, run, build, index, mine } = await openBuildWorld();
    await write("a.ts", pluginSource({ namespace: "a" }));
    await write("b.js", pluginSource({ namespace: "b" }));
    const { code, json } = await run(["add", "a.ts", "b.js", "--dir", "mine", "--json"]);
    expect([code, json.files]).toEqual([0, ["plugins/a.ts", "plugins/b.js"]]);
    expect(await read("mine/plugins/a.ts")).toBe(await read("a.ts"));
    await build();
    expect(Object.keys((await index()).plugins)).toEqual(["a", "b"]);
    await write("mine/renamed.ts", pluginSource({ namespace: "a", version: "1.1.0" }));
    const next = await run(["add", "renamed.ts"], { cwd: mine });
    expect([next.code, next.out]).toEqual([0, expect.stringContaining("+ a 1.1.0")]);
    expect(await read("mine/plugins/a.ts")).toContain("1.1.0");
  });

  it("brings the readme and the changelog along, as init --from does", async () => {
    const { write, read, run, details, mine } = await openBuildWorld();
    await write("a/a.ts", pluginSource({ namespace: "a" }));
    await write("a/README.md", "# A\n");
    await write("a/CHANGELOG.md", "## 1.0.0\n\nBegins.\n");
    await write("a/b/b.ts", pluginSource({ namespace: "b" }));
    await write("a/b/b.md", "# B\n");
    const made = await run(["init", "new", "--name", "New", "--from", "a", "--json"]);
    expect(made.json.files.slice(-5)).toEqual([
      ...["plugins/a.ts", "plugins/b.ts"],
      ...["plugins/a.md", "plugins/a.changelog.md", "plugins/b.md"],
    ]);
    await run(["build", "new"]);
    const { plugins } = JSON.parse(await read("new/registry.details.json"));
    expect(plugins.a).toMatchObject({ readme: "# A", versions: { "1.0.0": { changelog: "Begins." } } });
    expect(plugins.b.readme).toBe("# B");

    // Two plugins in one folder: its README is of neither.
    await write("two/c.ts", pluginSource({ namespace: "c" }));
    await write("two/d.ts", pluginSource({ namespace: "d" }));
    await write("two/README.md", "# Both\n");
    expect((await run(["add", "two/c.ts", "--dir", "mine", "--json"])).json.files).toEqual(["plugins/c.ts"]);

    // A registry that keeps a plugin in a folder of its own keeps its text there.
    await write("mine/plugins/a/a.ts", pluginSource({ namespace: "a" }));
    await write("mine/plugins/a/README.md", "# Old\n");
    await run(["build", "mine"]);
    const kept = await run(["add", "a/a.ts", "--dir", "mine"]);
    expect([kept.code, kept.out]).toEqual([
      0,
      expect.stringMatching(
        /^Brought along plugins\/a\/a\.changelog\.md from a\/CHANGELOG\.md\.\nKept plugins\/a\/README\.md, which differs from a\/README\.md\. .*--yes\.$/m,
      ),
    ]);
    expect(await read("mine/plugins/a/README.md")).toBe("# Old\n");
    await rm(path.join(mine, "plugins/a/a.changelog.md"));
    const added = await run(["add", "a/a.ts", "--dir", "mine", "--yes", "--json"]);
    expect(added.json).toMatchObject({
      texts: [
        { file: "plugins/a/README.md", source: path.join("a", "README.md") },
        { file: "plugins/a/a.changelog.md", source: path.join("a", "CHANGELOG.md") },
      ],
      kept: [],
    });
    expect(added.json.files).toEqual([
      ...["plugins/a/a.ts", "plugins/a/README.md", "plugins/a/a.changelog.md"],
    ]);
    await run(["build", "mine"]);
    expect((await details()).plugins.a.readme).toBe("# A");

    await write("a/README.md", "x".repeat(65_537));
    const refused = await run(["add", "a/a.ts", "--dir", "mine"]);
    expect([refused.code, refused.err]).toEqual([1, expect.stringContaining("takes 65536")]);
  });

  it("reads of files beside a plugin no more than a plugin or its texts may have", async () => {
    const { write, run, files, folder } = await openBuildWorld();
    await write("a.ts", pluginSource({ namespace: "a" }));
    await write("movie.ts", "default namespace");
    await truncate(path.join(folder, "movie.ts"), 3 * 1024 ** 3);
    await write("README.md", "# A\n");
    expect((await run(["add", "a.ts", "--dir", "mine", "--json"])).json.files).toEqual([
      "plugins/a.ts",
      "plugins/a.md",
    ]);
    const before = await files();
    await write("a.ts", pluginSource({ namespace: "a", version: "1.1.0" }));
    for (const [text, size, reason] of [
      ["README.md", 3 * 1024 ** 3, "README.md is larger than the 262144 bytes"],
      ["CHANGELOG.md", 3 * 1024 ** 3, "CHANGELOG.md is larger than the 4194304 bytes"],
      ["CHANGELOG.md", 0, "CHANGELOG.md, for version 1.1.0, has 16385 characters"],
    ] as const) {
      await write(text, `## 1.1.0\n\n${"x".repeat(16_385)}\n`);
      if (size > 0) await truncate(path.join(folder, text), size);
      const { code, err } = await run(["add", "a.ts", "--dir", "mine"]);
      expect([code, err]).toEqual([1, expect.stringContaining(reason)]);
      expect(err).toContain("hint: Shorten it");
      await rm(path.join(folder, text));
    }
    expect(await files()).toEqual(before);
  });

  it("refuses a file that could not be published, another plugin's place, and a folder that is none", async () => {
    const { write, run, plugin, build, files } = await openBuildWorld();
    await plugin("echo.ts");
    await build();
    const before = await files();
    await write("echo.ts", pluginSource({ namespace: "loud" }));
    await write("spoiled.ts", "export default 1; // namespace");
    await write("same.ts", pluginSource({}).concat("// other bytes"));
    for (const [file, dir, reason] of [
      ["echo.ts", "mine", "is the file of echo"],
      ["spoiled.ts", "mine", "hint: "],
      ["same.ts", "mine", "never changes"],
      ["echo.ts", ".", "is no registry's folder"],
    ] as const) {
      const { code, err } = await run(["add", file, "--dir", dir]);
      expect([code > 0, err]).toEqual([true, expect.stringContaining(reason)]);
    }
    expect(await files()).toEqual(before);
  });
});
