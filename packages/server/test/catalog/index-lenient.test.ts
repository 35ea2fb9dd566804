import type { RegistryIndex } from "@hitagi/contract";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkIndex, checkIndexLeniently } from "../../src/catalog/index-check.ts";
import { skippedFields } from "../../src/catalog/index-entry.ts";
import { largeIndex } from "../support/large-index.ts";
import { contentOf } from "./checked.ts";
import { validIndex } from "./index-arbitrary.ts";

const bytesOf = (value: unknown) => Buffer.from(typeof value === "string" ? value : JSON.stringify(value));
type Loose = Record<string, unknown>;
/** Any object of the index, to be spoiled without regard for its type. */
const at = (index: RegistryIndex, ...keys: string[]): Loose =>
  keys.reduce<Loose>((value, key) => value[key] as Loose, index.plugins as unknown as Loose);

/** Three plugins of five versions, spoiled. */
const spoiled = (spoil: (index: RegistryIndex) => void): RegistryIndex => {
  const index = largeIndex(3);
  spoil(index);
  return index;
};
const versions = Object.keys(largeIndex(1).plugins["plugin-00000"]?.versions ?? {});

describe("a lenient check", () => {
  test("accepts all of a valid index, as a strict check does", async () => {
    await fc.assert(
      fc.asyncProperty(validIndex(), async (index) => {
        const [lenient, strict] = [
          await checkIndexLeniently(bytesOf(index)),
          await checkIndex(bytesOf(index)),
        ];
        expect(lenient).toEqual(strict);
      }),
      { numRuns: 30 },
    );
  });

  test.each<[string, (index: RegistryIndex) => void, string]>([
    [
      "type",
      (i) => {
        at(i, "plugin-00001").type = "theme";
      },
      "/type",
    ],
    [
      "field",
      (i) => {
        at(i, "plugin-00001").homepage = "x";
      },
      "/homepage",
    ],
    [
      "namespace",
      (i) => {
        at(i, "plugin-00001").namespace = "no name";
      },
      "/namespace",
    ],
    [
      "lack of versions",
      (i) => {
        at(i, "plugin-00001").versions = {};
      },
      "/versions",
    ],
    [
      "value",
      (i) => {
        i.plugins["plugin-00001"] = 7 as never;
      },
      "",
    ],
  ])("skips a plugin with a bad %s and keeps its neighbours", async (_, spoil, path) => {
    const checked = contentOf(await checkIndexLeniently(bytesOf(spoiled(spoil))));
    expect(checked.summaries.map((s) => s.namespace)).toEqual(["plugin-00000", "plugin-00002"]);
    expect(checked.skipped).toMatchObject({ count: 1, list: [{ path: `/plugins/plugin-00001${path}` }] });
    expect(checked.skipped.list[0]?.reason).toMatch(/\w/);
    // What is left is an index by itself, which the strict check accepts.
    const again = contentOf(await checkIndex(bytesOf(checked.text)));
    expect(again.summaries).toEqual(checked.summaries);
    expect(again.entries).toEqual(checked.entries);
  });

  test("skips only a bad version and offers the highest other one", async () => {
    const highest = versions.at(-1) ?? "";
    const index = spoiled((i) => {
      Object.assign(at(i, "plugin-00001", "versions", highest), { sha256: "", artifact: "/x" });
    });
    const { summaries, entries, skipped } = contentOf(await checkIndexLeniently(bytesOf(index)));
    expect(summaries.map((s) => s.versions)).toEqual([5, 4, 5]);
    expect(summaries[1]?.version).toBe(versions.at(-2));
    const kept = JSON.parse(entries[1] ?? "");
    expect(kept).toEqual({
      ...index.plugins["plugin-00001"],
      versions: Object.fromEntries(
        Object.entries(index.plugins["plugin-00001"]?.versions ?? {}).filter(([v]) => v !== highest),
      ),
    });
    expect(skipped.count).toBe(1);
    expect(skipped.list[0]?.path).toMatch(`/plugins/plugin-00001/versions/${highest}/`);
  });

  test("skips a plugin without a valid version as one entry", async () => {
    const index = spoiled((i) => {
      for (const version of versions) at(i, "plugin-00001", "versions", version).name = "";
    });
    const { summaries, skipped } = contentOf(await checkIndexLeniently(bytesOf(index)));
    expect(summaries.map((s) => s.namespace)).toEqual(["plugin-00000", "plugin-00002"]);
    expect(skipped).toMatchObject({
      count: 1,
      list: [{ path: `/plugins/plugin-00001/versions/${versions[0]}/name`, reason: /no version .* left/ }],
    });
  });

  test("skips versions with invalid names, with any characters", async () => {
    for (const bad of ["latest", "1/0~2", "", "__proto__"]) {
      const text = JSON.stringify(largeIndex(1)).replace(
        `"versions":{`,
        `"versions":{${JSON.stringify(bad)}:1,`,
      );
      const { summaries, skipped } = contentOf(await checkIndexLeniently(bytesOf(text)));
      expect(summaries.map((s) => s.versions)).toEqual([5]);
      expect(skipped.count).toBe(1);
    }
  });

  test("skips both plugins of one name", async () => {
    const { plugins } = largeIndex(3);
    const members = [...Object.entries(plugins), ["plugin-00001", plugins["plugin-00000"]] as const];
    const text = members.map(([key, entry]) => `${JSON.stringify(key)}:${JSON.stringify(entry)}`).join(",");
    const { summaries, skipped } = contentOf(
      await checkIndexLeniently(
        bytesOf(`{"version":1,"generated_at":"2026-01-01T00:00:00Z","plugins":{${text}}}`),
      ),
    );
    expect(summaries.map((s) => s.namespace)).toEqual(["plugin-00000", "plugin-00002"]);
    expect(skipped).toMatchObject({ count: 1, list: [{ path: "/plugins/plugin-00001", reason: /twice/ }] });
  });

  test.each([
    ['"author":', '"\\u0061uthor":"other","author":', 2, "a field of a version"],
    ['"type":', '"type":"login","type":', 3, "a field of a plugin"],
  ])("skips an entry with a duplicate key: %s", async (from, to, _, what) => {
    const text = JSON.stringify(largeIndex(3)).replace(from, to);
    const { summaries, skipped } = contentOf(await checkIndexLeniently(bytesOf(text)));
    expect(skipped).toMatchObject({ count: 1, list: [{ reason: /twice/ }] });
    expect(summaries.map((s) => s.versions)).toEqual(what.endsWith("version") ? [4, 5, 5] : [5, 5]);
  });

  test("lists a hundred skipped entries with short texts and counts the others", async () => {
    const index = largeIndex(300, 1);
    for (const plugin of Object.values(index.plugins).slice(0, 250)) Object.assign(plugin, { type: "no" });
    index.plugins[`x${"/".repeat(100_000)}`] = 1 as never;
    const { summaries, skipped } = contentOf(await checkIndexLeniently(bytesOf(index)));
    expect([summaries.length, skipped.count, skipped.list.length]).toEqual([50, 251, 100]);
    const long = await checkIndexLeniently(bytesOf({ ...index, plugins: { ["/".repeat(1e6)]: 1 } }));
    expect(long.skipped.list[0]?.path.length).toBeLessThan(400);
  });

  test.each<[string, unknown, string]>([
    ["no JSON", "<!doctype html>", "/"],
    ["an entry that is no JSON", JSON.stringify(largeIndex(2)).replace('"sha256":', '"sha256"'), "/"],
    ["another version", { ...largeIndex(2), version: 2 }, "/version"],
    ["a list of plugins", { ...largeIndex(2), plugins: [] }, "/plugins"],
    ["an unknown field", { ...largeIndex(2), name: "x" }, "/name"],
    ["a key twice at the top", JSON.stringify(largeIndex(2)).replace("{", '{"version":1,'), "/version"],
    [
      "far too many bad entries",
      {
        ...largeIndex(1),
        plugins: Object.fromEntries(Array.from({ length: 10_001 }, (_, n) => [`plugin-${n}`, 1])),
      },
      "/plugins",
    ],
  ])("refuses %s", async (_, index, path) => {
    await expect(checkIndexLeniently(bytesOf(index))).rejects.toMatchObject({
      code: "INDEX_INVALID",
      params: { path },
    });
  });

  test("keeps or skips a very large entry as a whole", async () => {
    const index = spoiled((i) => {
      const entry = at(i, "plugin-00001", "versions");
      (entry[versions[0] ?? ""] as Loose).description = "x".repeat(2 * 1024 * 1024);
      (entry[versions[1] ?? ""] as Loose).name = "";
    });
    const { summaries, skipped } = contentOf(await checkIndexLeniently(bytesOf(index)));
    expect(summaries.map((s) => s.namespace)).toEqual(["plugin-00000", "plugin-00002"]);
    expect(skipped.count).toBe(1);
  });

  test("picks versions out of an entry of a MiB, and skips one with a character more", async () => {
    const sized = (size: number) => {
      const index = largeIndex(1);
      at(index, "plugin-00000", "versions", "1.0.0").name = "";
      const entry = JSON.stringify(index.plugins["plugin-00000"]);
      const text = JSON.stringify(index).replace(entry, () => `{${entry.slice(1).padStart(size - 1)}`);
      return checkIndexLeniently(bytesOf(text));
    };
    const [most, more] = [contentOf(await sized(1024 * 1024)), contentOf(await sized(1024 * 1024 + 1))];
    expect(most.summaries.map((s) => s.versions)).toEqual([4]);
    expect(more.summaries).toEqual([]);
    const skipped = (path: string, reason: string) => ({ count: 1, list: [{ path, reason }] });
    expect(most.skipped).toEqual(skipped("/plugins/plugin-00000/versions/1.0.0/name", "is empty"));
    expect(more.skipped).toEqual(skipped("/plugins/plugin-00000", "has more than 1048576 characters"));
  });

  test("skips an entry with more than 2,000 versions, and a version with a text that is too long", async () => {
    const crowded = largeIndex(3, 2000);
    const [version] = Object.values(crowded.plugins["plugin-00000"]?.versions ?? {});
    const entry = at(crowded, "plugin-00000", "versions");
    for (const [n, key] of Object.keys(entry).entries())
      entry[key] = { ...version, version: key, description: `${n}` };
    entry["2.0.0"] = { ...version, version: "2.0.0" };
    const texts = at(crowded, "plugin-00001");
    texts.versions = {
      "1.0.0": { ...version, version: "1.0.0", name: "n".repeat(257) },
      "1.1.0": { ...version, version: "1.1.0", author: "a".repeat(257) },
      "1.2.0": { ...version, version: "1.2.0", description: "d".repeat(8193) },
      "1.3.0": { ...version, version: "1.3.0", description: "d".repeat(8192) },
    };
    delete (crowded.plugins as Loose)["plugin-00002"];
    const { summaries, skipped } = contentOf(await checkIndexLeniently(bytesOf(crowded)));
    expect(summaries.map((s) => [s.namespace, s.versions])).toEqual([["plugin-00001", 1]]);
    expect(skipped.list.map(({ path }) => path.replace("/plugins/plugin-0000", ""))).toEqual([
      "0/versions",
      "1/versions/1.0.0/name",
      "1/versions/1.1.0/author",
      "1/versions/1.2.0/description",
    ]);
    expect(skipped.list[0]?.reason).toBe("has more than 2000 versions");
  });

  test("accepts 10,000 bad entries and refuses one more", async () => {
    const bad = (count: number) => ({
      ...largeIndex(0),
      plugins: Object.fromEntries(Array.from({ length: count }, (_, n) => [`plugin-${n}`, 1])),
    });
    expect((await checkIndexLeniently(bytesOf(bad(10_000)))).skipped.count).toBe(10_000);
    await expect(checkIndexLeniently(bytesOf(bad(10_001)))).rejects.toMatchObject({
      params: { path: "/plugins", reason: "has more than 10000 bad entries" },
    });
  });

  test("lists a path of 300 characters in full, and 300 characters of a longer one", async () => {
    const listed = async (length: number) => {
      const key = "x".repeat(length - "/plugins/".length);
      const { skipped } = await checkIndexLeniently(bytesOf({ ...largeIndex(0), plugins: { [key]: 1 } }));
      return skipped.list;
    };
    const path = `/plugins/${"x".repeat(291)}`;
    expect(await listed(300)).toEqual([{ path, reason: "must be object" }]);
    expect(await listed(301)).toEqual([{ path: `${path}…`, reason: "must be object" }]);
  });

  test("reports the first issue of each bad version, and the rest of the plugin is kept", async () => {
    const index = spoiled((i) => {
      Object.assign(at(i, "plugin-00001", "versions", "1.1.0"), { name: "", sha256: "" });
      Object.assign(at(i, "plugin-00001", "versions", "1.3.0"), { author: 7 });
    });
    const { skipped, summaries } = contentOf(await checkIndexLeniently(bytesOf(index)));
    expect(summaries.map((s) => s.versions)).toEqual([5, 3, 5]);
    expect(skipped).toEqual({
      count: 2,
      list: [
        { path: "/plugins/plugin-00001/versions/1.1.0/name", reason: "is empty" },
        { path: "/plugins/plugin-00001/versions/1.3.0/author", reason: "must be string" },
      ],
    });
  });

  test("gives the first issue of a plugin of which no version is left", async () => {
    const index = spoiled((i) => {
      at(i, "plugin-00001").versions = { latest: 1, "1.0": 2 };
    });
    const { skipped } = await checkIndexLeniently(bytesOf(index));
    expect(skipped.list).toEqual([
      {
        path: "/plugins/plugin-00001/versions/latest",
        reason: expect.stringMatching(/^is not a version .*; no version of the plugin is left$/),
      },
    ]);
  });

  test("skips a plugin whose own issue comes after that of a version", async () => {
    const entry = JSON.stringify(largeIndex(1).plugins["plugin-00000"]);
    const spoiledEntry = entry
      .replace('"name":', '"x":1,"name":')
      .replace('"type":', '"type":"login","type":');
    const text = JSON.stringify(largeIndex(2)).replace(entry, () => spoiledEntry);
    const { summaries, skipped } = contentOf(await checkIndexLeniently(bytesOf(text)));
    expect(summaries.map((s) => s.namespace)).toEqual(["plugin-00001"]);
    expect(skipped).toEqual({
      count: 1,
      list: [{ path: "/plugins/plugin-00000/type", reason: "is a key that stands twice" }],
    });
  });

  test("skips a plugin that stands three times, once, and not one whose name begins like it", async () => {
    const { plugins } = largeIndex(1);
    const entry = JSON.stringify(plugins["plugin-00000"]);
    const other = JSON.stringify({ ...plugins["plugin-00000"], namespace: "plugin-00000-b" });
    const members = [entry, entry, entry].map((text) => `"plugin-00000":${text}`).join(",");
    const text = `{"version":1,"generated_at":"2026-01-01T00:00:00Z","plugins":{${members},"plugin-00000-b":${other}}}`;
    const { summaries, skipped } = contentOf(await checkIndexLeniently(bytesOf(text)));
    expect(summaries.map((s) => s.namespace)).toEqual(["plugin-00000-b"]);
    expect(skipped).toEqual({
      count: 1,
      list: [{ path: "/plugins/plugin-00000", reason: "is a key that stands twice" }],
    });
  });

  test("keeps the text of the entries around a skipped one as it was sent", async () => {
    const index = spoiled((i) => {
      at(i, "plugin-00001").type = "theme";
    });
    const text = JSON.stringify(index, null, 2);
    const { entries } = contentOf(await checkIndexLeniently(bytesOf(text)));
    expect(entries).toHaveLength(2);
    for (const entry of entries) expect(text).toContain(`: ${entry}`);
  });
});

test("a record names skipped entries only if there are any", () => {
  const list = [{ path: "/plugins/a", reason: "is empty" }];
  expect(skippedFields({ list, count: 7 })).toEqual({ skipped: list, skippedCount: 7 });
  expect(skippedFields({ list: [], count: 0 })).toEqual({});
});

describe("an index as public registries are", () => {
  const version = (text: string) => ({
    ...largeIndex(1).plugins["plugin-00000"]?.versions[versions[0] ?? ""],
    version: text,
  });
  const plugin = (namespace: string, ...texts: string[]) => ({
    namespace,
    type: "metadata",
    versions: Object.fromEntries(texts.map((text) => [text, version(text)])),
  });
  const checkedOf = async (plugins: object) =>
    contentOf(await checkIndexLeniently(bytesOf({ ...largeIndex(0), plugins })));
  const offers = ({ summaries }: Awaited<ReturnType<typeof checkedOf>>) =>
    summaries.map((summary) => `${summary.namespace} ${summary.version}`);

  test("is offered under its namespaces, and each fault is listed", async () => {
    const checked = await checkedOf({
      "LANraragi::Plugin::One": plugin("one", "1.0.0"),
      Two: plugin("Two", "1.0.0"),
      three: plugin("Three", "1.0.0"),
      fine: plugin("fine", "1.0.0"),
    });
    expect(offers(checked)).toEqual(["one 1.0.0", "two 1.0.0", "three 1.0.0", "fine 1.0.0"]);
    const offered = true;
    expect(checked.skipped).toEqual({
      count: 3,
      list: [
        {
          path: "/plugins/LANraragi::Plugin::One/namespace",
          reason: "is not the same as its key; taken as one",
          offered,
        },
        { path: "/plugins/Two/namespace", reason: "has capitals; taken as two", offered },
        { path: "/plugins/three/namespace", reason: "has capitals; taken as three", offered },
      ],
    });
  });

  test("has versions that are not SemVer, of which the highest by its numbers is offered", async () => {
    const checked = await checkedOf({
      odd: plugin("odd", "0.001", "2.5.2_1", "2.5.2", "v9"),
      two: plugin("two", "2.5"),
    });
    expect(offers(checked)).toEqual(["odd 2.5.2_1", "two 2.5"]);
    expect(checked.skipped.list).toEqual([
      { path: "/plugins/odd/versions/v9", reason: expect.stringContaining("SemVer") },
      { path: "/plugins/odd/versions/0.001", reason: "is not SemVer; taken as it is", offered: true },
      { path: "/plugins/odd/versions/2.5.2_1", reason: "is not SemVer; taken as it is", offered: true },
      { path: "/plugins/two/versions/2.5", reason: "is not SemVer; taken as it is", offered: true },
    ]);
  });

  test("has versions under other keys than their own", async () => {
    const checked = await checkedOf({
      one: { ...plugin("one"), versions: { latest: version("1.2.0"), "1.0.0": version("1.0.0") } },
    });
    expect(offers(checked)).toEqual(["one 1.2.0"]);
    expect(checked.skipped.list).toEqual([
      {
        path: "/plugins/one/versions/latest/version",
        reason: "is not the same as its key; taken as 1.2.0",
        offered: true,
      },
    ]);
  });

  test("does not offer a corrected entry in place of another one", async () => {
    const checked = await checkedOf({
      x: plugin("mine", "9.0.0"),
      MINE: plugin("MINE", "9.0.0"),
      mine: plugin("mine", "1.0.0"),
      y: plugin("new", "1.0.0"),
      NEW: plugin("New", "2.0.0"),
    });
    expect(offers(checked)).toEqual(["mine 1.0.0", "new 1.0.0"]);
    expect(checked.skipped.list.filter(({ offered }) => !offered)).toEqual(
      ["x", "MINE", "NEW"].map((key) => ({
        path: `/plugins/${key}/namespace`,
        reason: "is that of another entry too",
      })),
    );
  });
});
