import type { IndexPlugin, IndexVersion } from "@hitagi/contract";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createRecogniser } from "../../src/catalog/entry-recogniser.ts";
import { checkEntry } from "../../src/catalog/index-rules.ts";
import { parseVersion } from "../../src/catalog/version-choice.ts";
import { largeIndex } from "../support/large-index.ts";

const plugins = Object.values(largeIndex(20).plugins);
const [sample, plain] = plugins as [IndexPlugin, IndexPlugin];

const recognise = (entry: string | IndexPlugin, key = plain.namespace, like = sample) => {
  const text = typeof entry === "string" ? entry : JSON.stringify(entry);
  // Something stands before and after, as in an index.
  return createRecogniser(like, parseVersion)(
    `{${text},`,
    { start: 1, end: text.length + 1, colons: 0 },
    key,
  );
};

const isRight = (text: string, key = plain.namespace): boolean => {
  const parse = () => {
    try {
      return JSON.parse(text);
    } catch {
      return undefined;
    }
  };
  return checkEntry(key, parse(), parseVersion, () => {});
};

/** A plain entry with one field of one version changed. */
const changed = (field: keyof IndexVersion, value: string): IndexPlugin => {
  const versions = Object.entries(plain.versions).map(([key, entry], n): [string, IndexVersion] => [
    key,
    n === 2 ? { ...entry, [field]: value } : entry,
  ]);
  return { ...plain, versions: Object.fromEntries(versions) };
};

describe("plain entries are recognised", () => {
  test("and summed up at the version that an install takes", () => {
    for (const plugin of plugins) {
      const { name, author, description, published_at } = plugin.versions["1.4.0"] as IndexVersion;
      const { namespace, type } = plugin;
      expect(recognise(plugin, plugin.namespace)).toEqual({
        ...{ namespace, type, version: "1.4.0", versions: 5 },
        ...{ name, author, description, published_at },
      });
    }
  });

  test("with white space, and with escapes and any letters in their texts", () => {
    const text = JSON.stringify(changed("description", 'a "b" \\ \n é 日本 😀 \u0007 {[:,]}'), null, "\t");
    expect(recognise(text)).toMatchObject({ namespace: plain.namespace });
  });

  test("in the order of fields in which the sample is written", () => {
    const sorted = (plugin: IndexPlugin) =>
      JSON.stringify(plugin, (_, value) =>
        typeof value === "object"
          ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
          : value,
      );
    const like = JSON.parse(sorted(sample)) as IndexPlugin;
    expect(recognise(sorted(plain), plain.namespace, like)).toMatchObject({ version: "1.4.0" });
    expect(recognise(sorted(plain))).toBeUndefined();
  });
});

describe("nothing is recognised that the rules refuse", () => {
  const two = (max: number) => fc.nat(max).map((n) => String(n).padStart(2, "0"));
  const time = fc
    .tuple(fc.constantFrom("1900", "2000", "2023", "2024"), two(14), two(33), two(25), two(61), two(61))
    .map(([y, mo, d, h, mi, s]) => `${y}-${mo}-${d}T${h}:${mi}:${s}Z`);
  const path = fc.string({ unit: fc.constantFrom(".", "/", "\\", "%", "2", "e", "a", ":", " ", "-", "\0") });
  const field = fc.constantFrom(
    "name",
    "sha256",
    "version",
    "published_at",
    "artifact",
    "description" as const,
  );

  test.each<[string, fc.Arbitrary<IndexPlugin>]>([
    ["time", time.map((value) => changed("published_at", value))],
    ["path", path.map((value) => changed("artifact", value))],
    ["text", fc.tuple(field, fc.string()).map(([name, value]) => changed(name, value))],
  ])("by its %s", (_, entries) => {
    fc.assert(
      fc.property(entries, (entry) => {
        if (recognise(entry)) expect(isRight(JSON.stringify(entry))).toBe(true);
      }),
      { numRuns: 3000 },
    );
  });

  test("by an edit anywhere in its text", () => {
    const valid = JSON.stringify(plain);
    const char = fc.oneof(
      fc.constantFrom('"', "{", "}", ",", ":", "\\", "0", " ", "\n", "."),
      fc.string({ unit: "binary", maxLength: 1 }),
    );
    fc.assert(
      fc.property(fc.nat(valid.length), fc.nat(2), char, (at, cut, put) => {
        const text = valid.slice(0, at) + put + valid.slice(at + cut);
        if (recognise(text)) expect(isRight(text)).toBe(true);
      }),
      { numRuns: 10_000 },
    );
  });

  test.each<[string, string]>([
    ["a field twice", JSON.stringify(plain).replace('"name":', '"name":"x","name":')],
    [
      "a version twice",
      JSON.stringify(plain).replace('"1.1.0":{"version":"1.1.0"', '"1.0.0":{"version":"1.0.0"'),
    ],
    ["a field too many", JSON.stringify(plain).replace('"sha256":', '"size":"1","sha256":')],
    ["a field too few", JSON.stringify(plain).replace(/"author":"[^"]*",/, "")],
    ["no versions", JSON.stringify({ ...plain, versions: {} })],
    ["another namespace", JSON.stringify({ ...plain, namespace: "other" })],
    ["another type", JSON.stringify({ ...plain, type: "other" })],
    ["a comma at the end", JSON.stringify(plain).replace("}}}", "}},}")],
    ["an empty text", JSON.stringify(changed("author", ""))],
    ["a control character", JSON.stringify(plain).replace('"author":"', '"author":"\t')],
    ["half an escape", JSON.stringify(plain).replace('"author":"', '"author":"\\u12')],
  ])("for %s", (_, text) => {
    expect(text).not.toBe(JSON.stringify(plain));
    expect(recognise(text)).toBeUndefined();
  });

  test("for a namespace that is too long", () => {
    const namespace = "a".repeat(129);
    expect(recognise({ ...plain, namespace }, namespace)).toBeUndefined();
    expect(recognise({ ...plain, namespace: "a".repeat(128) }, "a".repeat(128))).toBeDefined();
  });
});
