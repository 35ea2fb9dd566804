import { describe, expect, test } from "vitest";
import { checkEntry, readEntry } from "../../src/catalog/index-entry.ts";
import { keysOfEntry } from "../../src/catalog/index-rules.ts";
import { countKeys, readIndexOffsets } from "../../src/catalog/index-text.ts";
import { parseVersion } from "../../src/semantic-version.ts";

const isVersion = (text: string): boolean => parseVersion(text) !== undefined;

/** Checks the entry of plugin "p" in an index with this text as its value. */
const checked = async (json: string) => {
  const text = `{"plugins":{"p":${json}}}`;
  const { entries } = readIndexOffsets(text);
  const issues: string[] = [];
  const entry = readEntry(text, ["p", entries[0]]);
  const plugin = checkEntry(entry, isVersion, (path, reason) => issues.push(`${path} ${reason}`));
  return { entry, plugin, issues };
};

const version = (key: string) => ({
  version: key,
  name: "P",
  author: "me",
  description: "text",
  artifact: "p.ts",
  sha256: "0".repeat(64),
  published_at: "2026-01-01T00:00:00Z",
});
const valid = {
  namespace: "p",
  type: "script",
  versions: { "1.0.0": version("1.0.0"), "1.1.0": version("1.1.0") },
};

describe("an entry", () => {
  test("has its text, its value and its number of keys", async () => {
    const json = JSON.stringify(valid);
    const { entry, plugin, issues } = await checked(json);
    expect(entry).toEqual({ key: "p", text: json, value: valid, keys: 3 + 2 * 8 });
    expect(plugin).toEqual(valid);
    expect(issues).toEqual([]);
  });

  test("is null and has no number of keys if it is no object or array", async () => {
    const { entry, plugin } = await checked("7");
    expect(entry).toEqual({ key: "p", text: "null", value: null, keys: undefined });
    expect(plugin).toBeUndefined();
  });

  test("is refused with the position in the index if it is not JSON", async () => {
    await expect(checked('{"a"\n,}')).rejects.toMatchObject({
      code: "INDEX_INVALID",
      params: { path: "/", reason: "is not JSON at line 2, column 1" },
    });
  });
});

test("the keys of a valid entry are counted from its number of versions", () => {
  for (const count of [0, 1, 7]) {
    const versions = Array.from({ length: count }, (_, n) => [`${n}.0.0`, version(`${n}.0.0`)]);
    expect(keysOfEntry(count)).toBe(countKeys({ ...valid, versions: Object.fromEntries(versions) }));
  }
});

test("an invalid entry reports its other issues and its duplicate keys", async () => {
  const json = JSON.stringify(valid).replace('"type":"script"', '"type":"other","type":"other"');
  const { plugin, issues } = await checked(json);
  expect(plugin).toBeUndefined();
  expect(issues).toEqual([
    "/type is not one of metadata, download, login, script",
    "/type is a key that stands twice",
  ]);
});
