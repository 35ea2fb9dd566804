import type { IndexVersion, RegistryIndex } from "@hitagi/contract";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  checkIndex,
  checkIndexLeniently,
  readCachedIndex,
  summarize,
} from "../../src/catalog/index-check.ts";
import { type CheckedIndex, checkStrictly, inspectIndex } from "../../src/catalog/index-examine.ts";
import { largeIndex } from "../support/large-index.ts";
import { contentOf } from "./checked.ts";
import { validIndex } from "./index-arbitrary.ts";

const upTo = (count: number): number[] => Array.from({ length: count }, (_, n) => n);
const bytesOf = (value: unknown) => Buffer.from(typeof value === "string" ? value : JSON.stringify(value));
const pointer = (...keys: string[]) =>
  keys.map((key) => `/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");

/** An index, the place of one plugin and one version in it. */
interface Place {
  index: RegistryIndex;
  namespace: string;
  version: string;
}
const place: fc.Arbitrary<Place> = validIndex(1).chain((index) =>
  fc
    .constantFrom(...Object.keys(index.plugins))
    .chain((namespace) =>
      fc
        .constantFrom(...Object.keys(index.plugins[namespace]?.versions ?? {}))
        .map((version) => ({ index, namespace, version })),
    ),
);

/** Any object of the index, to be spoiled without regard for its type. */
type Loose = Record<string, unknown>;
const pluginAt = ({ index, namespace }: Place) => index.plugins[namespace] as unknown as Loose;
const versionAt = (at: Place) => (pluginAt(at).versions as Loose)[at.version] as Loose;
const renamed = (object: Loose, from: string, to: string) =>
  Object.fromEntries(Object.entries(object).map(([key, value]) => [key === from ? to : key, value]));

describe("the check of an index", () => {
  test("accepts every valid index and returns its text and its plugins in order", async () => {
    await fc.assert(
      fc.asyncProperty(validIndex(), fc.constantFrom(undefined, 1, "\t"), async (index, indent) => {
        const text = JSON.stringify(index, null, indent);
        const checked = contentOf(await checkIndex(bytesOf(text)));
        expect(checked.text).toBe(text);
        expect(checked.generated_at).toBe(index.generated_at);
        expect(checked.summaries.map(({ namespace }) => namespace)).toEqual(Object.keys(index.plugins));
        expect(checked.entries.map((entry) => JSON.parse(entry))).toEqual(Object.values(index.plugins));
        expect(inspectIndex(bytesOf(text)).issues).toEqual([]);
      }),
    );
  });

  test("keeps the order of numeric namespaces", async () => {
    const { plugins } = largeIndex(1);
    const entry = (namespace: string) =>
      JSON.stringify({ ...Object.values(plugins)[0], namespace }).replace(/^/, `"${namespace}":`);
    const text = `{"version":1,"generated_at":"2026-01-01T00:00:00Z","plugins":{${["b", "12", "7"].map(entry)}}}`;
    const { rows } = await checkIndex(bytesOf(text));
    expect(rows.map(({ summary }) => summary.namespace)).toEqual(["b", "12", "7"]);
  });

  test("summarises a plugin by the version that an install chooses", async () => {
    const index = largeIndex(1);
    const [plugin] = Object.values(index.plugins);
    const [old] = Object.values(plugin?.versions ?? {});
    if (!plugin || !old) throw new Error("the index has a plugin");
    plugin.versions = Object.fromEntries(
      ["1.9.0", "1.10.0", "2.0.0-rc.1"].map((version) => [
        version,
        { ...old, version, name: `at ${version}` },
      ]),
    );
    const { summaries } = contentOf(await checkIndex(bytesOf(index)));
    expect(summaries).toMatchObject([{ version: "1.10.0", name: "at 1.10.0", versions: 3 }]);
  });

  /** One way to make an index invalid; returns the pointer of the issue. */
  type Spoil = [name: string, spoil: (at: Place) => string];
  const fields = ["version", "name", "author", "description", "artifact", "sha256", "published_at"];
  const noText: unknown[] = ["", 1, true, null, {}, [], ["x"]];
  const set =
    (field: string, value: unknown): Spoil[1] =>
    (at) => {
      versionAt(at)[field] = value;
      return pointer("plugins", at.namespace, "versions", at.version, field);
    };
  const setRoot =
    (field: string, value: unknown): Spoil[1] =>
    (at) => {
      (at.index as unknown as Loose)[field] = value;
      return pointer(field);
    };
  const setPlugin =
    (field: string, value: unknown): Spoil[1] =>
    (at) => {
      pluginAt(at)[field] = value;
      return pointer("plugins", at.namespace, field);
    };
  const spoils: Spoil[] = [
    ...fields.flatMap((field): Spoil[] => [
      ...noText.map((value): Spoil => [`${field} ${JSON.stringify(value)}`, set(field, value)]),
      [`${field} missing`, set(field, undefined)],
    ]),
    ...["x".repeat(64), "A".repeat(64), "a".repeat(63), `${"a".repeat(64)}\n`].map(
      (value): Spoil => [`sha256 ${JSON.stringify(value)}`, set("sha256", value)],
    ),
    ...[
      "2026-02-30T00:00:00Z",
      "2026-01-01T24:00:00Z",
      "2026-01-01T00:00:60Z",
      "2026-01-01T00:00:00Z\n",
      "today",
    ].flatMap((value): Spoil[] => [
      [`published_at ${value}`, set("published_at", value)],
      [`generated_at ${value}`, setRoot("generated_at", value)],
    ]),
    ...[
      "/a.ts",
      "https://example.org/a.ts",
      "C:\\a.ts",
      "a\\b.ts",
      "../a.ts",
      "a/./b.ts",
      "a//b.ts",
      "a/",
      "a\0.ts",
      "a\n.ts",
      "%2e%2e/a.ts",
      "a/%2E%2e/b",
    ].map((value): Spoil => [`artifact ${JSON.stringify(value)}`, set("artifact", value)]),
    ["another version than its key", set("version", "999.0.0-other")],
    ["an unknown field of a version", set("a/b~c", "x")],
    ["an unknown field of a plugin", setPlugin("homepage", "x")],
    ["an unknown field of the index", setRoot("name", "x")],
    ...["1", true, 2, 1.5, 0, null, {}, [1], undefined].map(
      (value): Spoil => [`version ${JSON.stringify(value)} of the index`, setRoot("version", value)],
    ),
    ...[[], null, "x", 1, undefined].flatMap((value): Spoil[] => [
      [`plugins ${JSON.stringify(value)}`, setRoot("plugins", value)],
      [`versions ${JSON.stringify(value)}`, setPlugin("versions", value)],
    ]),
    ["no versions", setPlugin("versions", {})],
    ...["plugin", "Metadata", "", null, 1, undefined].map(
      (value): Spoil => [`type ${JSON.stringify(value)}`, setPlugin("type", value)],
    ),
    ["another namespace than its key", setPlugin("namespace", "some-other-name")],
    ...["A", "a b", "a\n", "é", "a/b", "", "a".repeat(129)].map(
      (value): Spoil => [
        `namespace ${JSON.stringify(value)}`,
        (at) => {
          pluginAt(at).namespace = value;
          at.index.plugins = renamed(at.index.plugins, at.namespace, value) as RegistryIndex["plugins"];
          return pointer("plugins", value, "namespace");
        },
      ],
    ),
    ...["v1.0.0", "1.0", "01.0.0", "1.0.0\n", " 1.0.0", "1.0.0-01", "1.0.0/2", "latest"].map(
      (value): Spoil => [
        `version ${JSON.stringify(value)}`,
        (at) => {
          versionAt(at).version = value;
          pluginAt(at).versions = renamed(pluginAt(at).versions as Loose, at.version, value);
          return pointer("plugins", at.namespace, "versions", value);
        },
      ],
    ),
    ...[null, 1, "x", [], [0]].flatMap((value): Spoil[] => [
      [
        `the plugin ${JSON.stringify(value)}`,
        (at) => {
          at.index.plugins[at.namespace] = value as never;
          return pointer("plugins", at.namespace);
        },
      ],
      [
        `the version entry ${JSON.stringify(value)}`,
        (at) => {
          (pluginAt(at).versions as Loose)[at.version] = value;
          return pointer("plugins", at.namespace, "versions", at.version);
        },
      ],
    ]),
  ];

  // The same few indexes for each way to spoil them; that any index is right is the property above.
  const places = [
    ...fc.sample(place, { numRuns: 5, seed: 1 }),
    { index: largeIndex(3), namespace: "plugin-00001", version: "1.2.0" },
  ];

  test.each(spoils)("refuses %s and reports its pointer only", async (_, spoil) => {
    for (const chosen of places) {
      // A copy that keeps `__proto__` keys as they are.
      const at: Place = { ...chosen, index: JSON.parse(JSON.stringify(chosen.index)) };
      const path = spoil(at);
      const bytes = bytesOf(at.index);
      await expect(checkIndex(bytes)).rejects.toMatchObject({ code: "INDEX_INVALID", params: { path } });
      expect(inspectIndex(bytes).issues.map((issue) => issue.path)).toEqual([path]);
    }
  });

  const [entry = ""] = Object.values(largeIndex(1).plugins).map((plugin) => JSON.stringify(plugin));
  test.each<[string, string]>([
    ["a duplicate field", entry.replace('"name":', '"name":"x","name":')],
    ["a duplicate version", entry.replace('"1.1.0":{"version":"1.1.0"', '"1.0.0":{"version":"1.0.0"')],
    ["an unknown field", entry.replace('"sha256":', '"size":"1","sha256":')],
    ["a missing field", entry.replace(/"author":"[^"]*",/, "")],
    ["a trailing comma", entry.replace("}}}", "}},}")],
    ["an empty text", entry.replace(/"author":"[^"]*"/, '"author":""')],
    ["a control character", entry.replace('"author":"', '"author":"\t')],
    ["half an escape", entry.replace('"author":"', '"author":"\\u12')],
  ])("refuses an entry with %s", async (_, invalid) => {
    expect(invalid).not.toBe(entry);
    const text = JSON.stringify(largeIndex(1)).replace(entry, () => invalid);
    await expect(checkIndex(bytesOf(text))).rejects.toMatchObject({ code: "INDEX_INVALID" });
  });

  test("lists every issue once", async () => {
    const index = largeIndex(3) as unknown as { version: unknown; plugins: Record<string, Loose> };
    const versions = (namespace: string) =>
      index.plugins[namespace]?.versions as Record<string, IndexVersion>;
    index.version = "1";
    Object.assign(versions("plugin-00000")["1.0.0"] ?? {}, { sha256: "", artifact: "/x" });
    Object.assign(index.plugins["plugin-00002"] ?? {}, { type: "other" });
    Object.assign(versions("plugin-00002")["1.1.0"] ?? {}, { published_at: "2026-02-30T00:00:00Z" });
    expect(
      inspectIndex(bytesOf(index))
        .issues.map((issue) => issue.path)
        .sort(),
    ).toEqual([
      "/plugins/plugin-00000/versions/1.0.0/artifact",
      "/plugins/plugin-00000/versions/1.0.0/sha256",
      "/plugins/plugin-00002/type",
      "/plugins/plugin-00002/versions/1.1.0/published_at",
      "/version",
    ]);
  });
});

/** JSON text in which one object has one of its members twice. */
const withDuplicate = (value: unknown, path: string[], at = 0): string => {
  if (typeof value !== "object" || value === null || path.length === 0) return JSON.stringify(value);
  const members = Object.entries(value).map(([key, child]) => {
    const onPath = key === path[at];
    const text = onPath && at < path.length - 1 ? withDuplicate(child, path, at + 1) : JSON.stringify(child);
    const member = `${JSON.stringify(key)}: ${text}`;
    return onPath && at === path.length - 1 ? `${member}, ${member}` : member;
  });
  return `{ ${members.join(", ")} }`;
};

describe("a duplicate key", () => {
  const anyPath = place.chain(({ index, namespace, version }) =>
    fc.constantFrom(
      ...[["version"], ["generated_at"], ["plugins"], ["plugins", namespace]].map((path) => ({
        index,
        path,
      })),
      ...["namespace", "type", "versions"].map((key) => ({ index, path: ["plugins", namespace, key] })),
      ...["name", "sha256", "version"].map((key) => ({
        index,
        path: ["plugins", namespace, "versions", version, key],
      })),
      { index, path: ["plugins", namespace, "versions", version] },
    ),
  );

  test("is refused at every level, also where both values are equal", async () => {
    await fc.assert(
      fc.asyncProperty(anyPath, async ({ index, path }) => {
        await expect(checkIndex(bytesOf(withDuplicate(index, path)))).rejects.toMatchObject({
          code: "INDEX_INVALID",
          params: { path: pointer(...path), reason: expect.stringContaining("twice") },
        });
      }),
      { numRuns: 200 },
    );
  });

  test("is refused where one of the two keys has escapes", async () => {
    const text = JSON.stringify(largeIndex(1)).replace('"author":', '"\\u0061uthor":"other","author":');
    await expect(checkIndex(bytesOf(text))).rejects.toMatchObject({
      params: { path: "/plugins/plugin-00000/versions/1.0.0/author" },
    });
  });

  test("is not reported for a text that looks like keys", async () => {
    const index = largeIndex(1);
    for (const version of Object.values(index.plugins["plugin-00000"]?.versions ?? {})) {
      version.description = 'a":"b","a":{"[\\": \\\\"}:::}]';
    }
    expect((await checkIndex(bytesOf(index))).rows).toHaveLength(1);
  });
});

describe("bytes that are no valid index", () => {
  test("a byte-order mark is accepted and removed", async () => {
    const { document } = await checkIndex(
      Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), bytesOf(largeIndex(1))]),
    );
    expect(document).toEqual(bytesOf(largeIndex(1)));
  });

  test("a text is accepted only if JSON.parse accepts it, with the same entries", async () => {
    const valid = JSON.stringify(largeIndex(2, 1));
    const edit = fc.tuple(
      fc.nat(valid.length),
      fc.nat(3),
      fc.constantFrom("", '"', "{", "}", "[", "]", ",", ":", "\\", "0", " "),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 3 }), async (edits) => {
        const text = edits.reduce(
          (t, [from, cut, put]) => t.slice(0, from) + put + t.slice(from + cut),
          valid,
        );
        const outcome: CheckedIndex | Error = await checkIndex(bytesOf(text)).catch((error) => error);
        const parsed = (() => {
          try {
            return JSON.parse(text);
          } catch {
            return undefined;
          }
        })();
        if (outcome instanceof Error) {
          expect(outcome).toMatchObject({ code: "INDEX_INVALID" });
        } else {
          expect(contentOf(outcome).entries.map((entry) => JSON.parse(entry))).toEqual(
            Object.values(parsed.plugins),
          );
        }
      }),
      { numRuns: 2000 },
    );
  });

  test("the line and column of a syntax error are reported", async () => {
    await expect(checkIndex(bytesOf('{\n  "version": 1,\n  oops\n}'))).rejects.toMatchObject({
      params: { path: "/", reason: "is not JSON at line 3, column 3" },
    });
    const text = JSON.stringify(largeIndex(2), null, 2);
    const line = text.split("\n").findIndex((one) => one.includes("sha256"));
    const broken = text.replace('"sha256":', '"sha256"');
    await expect(checkIndex(bytesOf(broken))).rejects.toMatchObject({
      params: { reason: expect.stringContaining(`line ${line + 1},`) },
    });
  });

  test.each<[string, Buffer]>([
    ["nothing", Buffer.alloc(0)],
    ["a mark and nothing", Buffer.from([0xef, 0xbb, 0xbf])],
    ["UTF-16", Buffer.from(JSON.stringify(largeIndex(1)), "utf16le")],
    ["broken UTF-8", Buffer.from(JSON.stringify(largeIndex(1)).replace("author", "auth\u00e9r"), "latin1")],
    ["null", Buffer.from("null")],
    ["a list", Buffer.from("[]")],
    ["a text", Buffer.from('"x"')],
    ["a web page", Buffer.from("<!doctype html><title>404</title>")],
    ["two documents", Buffer.from(`${JSON.stringify(largeIndex(1))}{}`)],
    ["a comment", Buffer.from(`/* x */${JSON.stringify(largeIndex(1))}`)],
    ["a trailing comma", Buffer.from('{"version":1,"generated_at":"2026-01-01T00:00:00Z","plugins":{},}')],
    ["endless nesting", Buffer.from("[".repeat(5_000_000))],
    ["nesting in an entry", Buffer.from(`{"version":1,"plugins":{"a":${'{"a":'.repeat(1_000_000)}`)],
    ["more objects than text", Buffer.from(`{"version":1,"plugins":{"a":[${"{},".repeat(1_000_000)}{}]}}`)],
  ])("%s is refused as a whole", async (_, bytes) => {
    expect(inspectIndex(bytes).issues).toHaveLength(1);
    await expect(checkIndex(bytes)).rejects.toMatchObject({ code: "INDEX_INVALID", params: { path: "/" } });
  });
});

test("a worker thread gives the same result for a large index", async () => {
  const bytes = bytesOf(largeIndex(2500));
  const { document, ...expected } = checkStrictly(Buffer.from(bytes));
  const checked = await checkIndex(Buffer.from(bytes));
  expect(checked.document.equals(document)).toBe(true);
  expect(checked).toMatchObject(expected);
  expect((await checkIndexLeniently(Buffer.from(bytes))).rows).toEqual(expected.rows);
  expect(await summarize(bytes)).toEqual({ isObject: true, faults: [], faultCount: 0, plugins: 2500 });
});

test("a worker thread takes no memory over that others use", async () => {
  const bytes = bytesOf(largeIndex(1));
  const whole = Buffer.concat([bytes, Buffer.from("of another")]);
  const seen = Buffer.from(`other\t1.0.0\t${"a".repeat(64)}\t7\n`.repeat(3000));
  await checkIndex(whole.subarray(0, bytes.length), { seen: [seen], now: 7 });
  expect(whole.toString()).toBe(`${bytes}of another`);
});

test("a worker thread gives the first issue of a large index, and works on", async () => {
  const index = largeIndex(1000);
  const bad = { ...index, plugins: { ...index.plugins, x: 1 } };
  await expect(checkIndex(bytesOf(bad))).rejects.toMatchObject({
    code: "INDEX_INVALID",
    params: { path: "/plugins/x", reason: "must be object" },
  });
  expect((await checkIndexLeniently(bytesOf(bad))).skipped.count).toBe(1);
});

test.each(["document", "plugin", "version"])(
  "many unknown fields of a %s hide neither themselves nor other issues",
  (level) => {
    const index = JSON.parse(JSON.stringify(largeIndex(1)));
    const [plugin] = Object.values<Loose>(index.plugins);
    const [version] = Object.values<Loose>(plugin?.versions as Record<string, Loose>);
    const at = { document: index, plugin, version }[level];
    const known = { document: "generated_at", plugin: "namespace", version: "artifact" }[level] ?? "";
    Object.assign(at, Object.fromEntries(upTo(30).map((n) => [`x${n}`, 1])), { [known]: 7 });
    const { issues } = inspectIndex(bytesOf(index));
    expect(issues.map(({ path }) => path.split("/").at(-1))).toEqual([
      known,
      ...upTo(30).map((n) => `x${n}`),
    ]);
    expect(() => checkStrictly(bytesOf(index))).toThrow(known);
  },
);

describe("the summary of an index", () => {
  test("has the number of issues, the first hundred, and the plugins that can be used", async () => {
    const index = { ...largeIndex(300), ...Object.fromEntries(upTo(130).map((n) => [`x${n}`, 1])) };
    const found = await summarize(bytesOf(index));
    expect(found).toMatchObject({ isObject: true, faultCount: 130, plugins: undefined });
    expect(found.faults).toHaveLength(100);
    expect(found.faults[0]).toEqual({ path: "/x0", reason: "is not a field of version 1" });
    const { plugins, ...rest } = largeIndex(3);
    const [key = "", entry] = Object.entries(plugins)[0] ?? [];
    const bad = { ...rest, plugins: { ...plugins, [key]: { ...entry, type: "other" } } };
    expect(await summarize(bytesOf(bad))).toMatchObject({ faultCount: 1, plugins: 2 });
  });

  test("of text that is no index has no number of plugins", async () => {
    const faults = [{ path: "/", reason: "is not JSON at line 1, column 2" }];
    expect(await summarize(bytesOf("{<!doctype html>"))).toEqual({
      ...{ isObject: false, faults, faultCount: 1, plugins: undefined },
    });
  });
});

describe("the inspection of an index", () => {
  test.each<[string, unknown, boolean, { path: string; reason: string }[]]>([
    ["a valid index", largeIndex(1), true, []],
    [
      "an object with an issue",
      { ...largeIndex(1), x: 1 },
      true,
      [{ path: "/x", reason: "is not a field of version 1" }],
    ],
    ["a list", [], false, [{ path: "/", reason: "must be object" }]],
    ["null", null, false, [{ path: "/", reason: "must be object" }]],
    ["a number", 7, false, [{ path: "/", reason: "must be object" }]],
    ["a web page", "{<!doctype html>", false, [{ path: "/", reason: "is not JSON at line 1, column 2" }]],
  ])("tells whether %s is a JSON object, and its issues", async (_, value, isObject, issues) => {
    expect(inspectIndex(bytesOf(value))).toEqual({ issues, isObject });
  });

  test("refuses text that is not UTF-8", async () => {
    const issues = [{ path: "/", reason: "is not UTF-8 text" }];
    expect(inspectIndex(Buffer.from([0x7b, 0xff]))).toEqual({ issues, isObject: false });
    expect(inspectIndex(Buffer.from([0x7b, 0xc3, 0x7d]))).toEqual({ issues, isObject: false });
  });

  test("tells text that ends within a character from text that is not UTF-8", async () => {
    const issues = [{ path: "/", reason: "is cut off: it ends too early" }];
    const cut = Buffer.from('{"version":1,"generated_at":"漫').subarray(0, -1);
    expect(inspectIndex(cut)).toEqual({ issues, isObject: false });
  });

  test("does not pass errors of the program off as issues", async () => {
    expect(() => inspectIndex(undefined as unknown as Buffer)).toThrow(TypeError);
  });
});

describe("an index that another program stored", () => {
  test("is read with its time and its number of plugins", async () => {
    const bytes = bytesOf(largeIndex(3));
    const { document, rows } = await checkIndex(bytes);
    const meta = { generated_at: largeIndex(3).generated_at, plugins: 3 };
    expect(await readCachedIndex(bytes)).toEqual({ document, rows, meta });
  });

  test("is read without its bad entries, which are listed", async () => {
    const index = largeIndex(3);
    Object.assign(index.plugins["plugin-00001"] ?? {}, { type: "theme" });
    const { meta, rows } = (await readCachedIndex(bytesOf(index))) ?? {};
    expect(rows?.map(({ summary }) => summary.namespace)).toEqual(["plugin-00000", "plugin-00002"]);
    expect(meta).toEqual({
      generated_at: index.generated_at,
      plugins: 2,
      skipped: [
        { path: "/plugins/plugin-00001/type", reason: "is not one of metadata, download, login, script" },
      ],
      skippedCount: 1,
    });
  });

  test("is not read if it is invalid as a whole", async () => {
    expect(await readCachedIndex(bytesOf("[]"))).toBeUndefined();
    expect(await readCachedIndex(bytesOf("no JSON"))).toBeUndefined();
    await expect(readCachedIndex(undefined as unknown as Buffer)).rejects.toBeInstanceOf(TypeError);
  });
});
