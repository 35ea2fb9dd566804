import { readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { createLocalArtifacts } from "../../src/artifacts/local.ts";
import { builtinArtifacts } from "../../src/config/config.ts";
import { checkManifest } from "../../src/runtimes/manifest-check.ts";
import { matchUrl } from "../../src/runtimes/url-pattern.ts";
import { codeOf, denoForTests, realBroker, runPlugin, testKit } from "./fixture.ts";

const deno = denoForTests();
const run = testKit();
const root = path.resolve(import.meta.dirname, "../../../..");
const below = (folder: string) =>
  readdirSync(path.join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => path.posix.join(folder, file.replaceAll("\\", "/")));

/** In the example registry, a version's path contains its type and number. */
const EXAMPLE = /^examples\/registry\/plugins\/(?<type>[^/]+)\/[^/]+\/(?<version>[^/]+)\//;

describe("every builtin and every plugin of the example registry", () => {
  test.each([...below("plugins"), ...below("examples/registry/plugins")])("%s", async (file) => {
    const vetted = deno().vet(await codeOf(file), 20_000);
    if (file.includes("broken-on-purpose/1.1.0")) {
      await expect(vetted).rejects.toMatchObject({ code: "LOAD_FAILED" });
      return;
    }
    const manifest = checkManifest(await vetted);
    expect(manifest.namespace).toBe(path.basename(file, ".ts"));
    const { type, version } = EXAMPLE.exec(file)?.groups ?? manifest;
    expect(manifest).toMatchObject({ type, version });
  });
});

test("a builtin has a namespace of LANraragi's stock plugins only where docs/lanraragi.md says that it does the same", async () => {
  const page = await readFile(path.join(root, "docs/lanraragi.md"), "utf8");
  const table = /^### Stock plugins$(.*?)^### /ms.exec(page)?.[1] ?? "";
  const rows = table.split("\n").map((line) => line.split("|"));
  const stock = new Map(
    rows.flatMap(([, names = "", state = ""]) =>
      [...names.matchAll(/`([\w-]+)`/g)].map(([, name = ""]) => [name, state.trim()] as const),
    ),
  );
  expect(stock.size).toBeGreaterThan(28);
  const own = below("plugins").map((file) => path.basename(file, ".ts"));
  expect(own.filter((name) => stock.has(name))).toEqual(["copy-archive-tags", "copytags"]);
  for (const [name, state] of stock) expect(state === "builtin", name).toBe(own.includes(name));
});

test.each(below("plugins"))("the build kept the manifest of %s, so no start vets it", async (file) => {
  const code = await codeOf(file);
  const kept = await createLocalArtifacts(builtinArtifacts()).manifest(code.sha256);
  expect(kept).toEqual(checkManifest(await deno().vet(code, 20_000)));
});

test("copytags adds the tags of its setting", async () => {
  const given = { archive: { name: "a.cbz" }, settings: { tags: "artist:a, b" } };
  expect(await run("plugins/copytags.ts", given)).toEqual({ tags: ["artist:a", "b"] });
});

describe("copy-archive-tags", () => {
  const plugin = "plugins/copy-archive-tags.ts";
  const tags = "artist:a, date_added:1, date_added, x";

  test.each([
    [false, ["artist:a", "x"]],
    [true, ["artist:a", "date_added:1", "date_added", "x"]],
  ])("copies the tags of another archive, the date only if asked (%s)", async (copy_date_added, expected) => {
    const { broker, add } = await realBroker();
    const from = await add("from.cbz", tags);
    const archive = await add("to.cbz");
    const settings = { copy_date_added };
    for (const arg of [from.id, `https://my.server/reader?id=${from.id}`]) {
      expect(await runPlugin(deno(), broker, plugin, { archive, arg, settings })).toEqual({ tags: expected });
    }
  });

  test("refuses an invalid id, its own id, and one that does not exist", async () => {
    const { broker, add } = await realBroker();
    const archive = await add("to.cbz");
    for (const arg of ["", "12", archive.id]) {
      const running = runPlugin(deno(), broker, plugin, { archive, arg });
      await expect(running).rejects.toMatchObject({ code: "PLUGIN_FAILED" });
    }
    const missing = runPlugin(deno(), broker, plugin, { archive, arg: "0".repeat(40) });
    await expect(missing).rejects.toMatchObject({ code: "ARCHIVE_NOT_FOUND" });
  });
});

describe("date-added", () => {
  test("adds the current time, once", async () => {
    const { broker, add } = await realBroker();
    const before = Math.floor(Date.now() / 1000);
    const archive = await add("new.cbz");
    const plugin = "plugins/date-added.ts";
    const { tags } = (await runPlugin(deno(), broker, plugin, { archive })) as { tags: string[] };
    const [, time] = /^date_added:(\d+)$/.exec(tags.join()) ?? [];
    expect(Number(time)).toBeGreaterThanOrEqual(before);
    expect(Number(time)).toBeLessThanOrEqual(Date.now() / 1000);
    const dated = { ...archive, tags: "date_added:5" };
    expect(await runPlugin(deno(), broker, plugin, { archive: dated })).toEqual({ tags: [] });
  });
});

describe("direct-download", () => {
  const plugin = "plugins/direct-download.ts";

  test("matches addresses of archives only", async () => {
    const { url_regex = "" } = checkManifest(await deno().vet(await codeOf(plugin), 20_000));
    const taken = [
      ...["https://a.example/b.zip", "http://a.example/b/c.CBZ?x=1", "https://a.example/b.zip#p"],
      ...[
        "https://a.example/b.cbr",
        "https://a.example/b.RAR",
        "https://a.example/b.cb7",
        "https://a.example/b.pdf",
      ],
    ];
    const others = [
      "https://a.example/b.html",
      "https://a.example/?f=b.zip",
      "ftp://a.example/b.zip",
      "b.zip",
    ];
    for (const url of taken) expect(await matchUrl(url_regex, url)).toBe("matches");
    for (const url of others) expect(await matchUrl(url_regex, url)).toBe("differs");
  });

  test("returns the address without its fragment", async () => {
    const url = "https://a.example/b%20c.zip?x=1#page";
    expect(await run(plugin, { url })).toEqual({
      downloadUrl: "https://a.example/b%20c.zip?x=1",
    });
  });
});

describe("source-finder", () => {
  const plugin = "plugins/source-finder.ts";

  test.each([
    ["https://www.Example.org/g/1/abc/", true],
    ["example.org/g/1/abc", true],
    ["http://example.org/g/1/abc#top", true],
    ["https://example.org/g/1", false],
    ["https://example.org/g/1/abc?page=2", false],
    ["https://example.org/g/1/ABC", false],
  ])("%s", async (arg, found) => {
    const { broker, add } = await realBroker();
    await add("other.cbz", "source:example.org/g/1/abcd, note:example.org/g/1/abc");
    const { id } = await add("this.cbz", "artist:a, source:https://example.org/g/1/abc");
    expect(await runPlugin(deno(), broker, plugin, { arg })).toEqual({ id: found ? id : null });
  });
});

describe("plugins of the example registry", () => {
  const example = (file: string) => `examples/registry/plugins/${file}`;

  test("both versions of echo answer with their version", async () => {
    const one = await run(example("script/echo/1.0.0/echo.ts"), { arg: "hey" });
    expect(one).toEqual({ version: "1.0.0", echo: "hey" });
    const given = { arg: "hey", settings: { times: 2 } };
    const two = await run(example("script/echo/1.1.0/echo.ts"), given);
    expect(two).toEqual({ version: "1.1.0", echo: "hey hey" });
  });

  test("missing-tags lists archives without tags, and its next version adds the tags", async () => {
    const { broker, add, library } = await realBroker();
    await add("has.cbz", "language:english");
    const { id } = await add("lacks.cbz", "artist:a");
    const listed = await runPlugin(deno(), broker, example("script/missing-tags/1.0.0/missing-tags.ts"));
    expect(listed).toMatchObject({ namespace: "language", missing: [{ id }] });
    const given = { arg: "language:german", settings: { fill: true } };
    const file = example("script/missing-tags/1.1.0/missing-tags.ts");
    expect(await runPlugin(deno(), broker, file, given)).toEqual({ namespace: "language", filled: 1 });
    expect((await library.get(id)).tags).toBe("artist:a, language:german");
  });

  test("page-count and title-cleaner", async () => {
    const archive = { name: "A__b_c_[x].cbz", pages: 2 };
    const pages = await run(example("metadata/page-count/1.0.0/page-count.ts"), { archive });
    expect(pages).toEqual({ tags: ["pages:2"] });
    const cleaner = (version: string) => example(`metadata/title-cleaner/${version}/title-cleaner.ts`);
    expect(await run(cleaner("1.0.0"), { archive })).toEqual({ tags: [], title: "A b c [x]" });
    expect(await run(cleaner("2.0.0-beta.1"), { archive })).toEqual({ tags: [], title: "A b c" });
  });

  test("token-login requires its token, and then returns a header", async () => {
    const file = example("login/token-login/1.0.0/token-login.ts");
    const session = await run(file, { settings: { token: "abc" } });
    expect(session).toEqual({ cookies: [], headers: { Authorization: "Bearer abc" } });
    await expect(run(file)).rejects.toMatchObject({ code: "PLUGIN_FAILED" });
  });
});
