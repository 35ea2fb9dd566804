import { describe, expect, test } from "vitest";
import {
  checkDocument,
  checkPlugin,
  indexInvalid,
  inside,
  pointerStep,
} from "../../src/catalog/index-rules.ts";
import { parseVersion } from "../../src/semantic-version.ts";

type Issue = [path: string, reason: string];

const documentIssues = (value: unknown): { canGoOn: boolean; issues: Issue[] } => {
  const issues: Issue[] = [];
  const canGoOn = checkDocument(value, (path, reason) => issues.push([path, reason]));
  return { canGoOn, issues };
};

const isVersion = (text: string): boolean => parseVersion(text) !== undefined;

const pluginIssues = (value: unknown, key = "echo"): { valid: boolean; issues: Issue[] } => {
  const issues: Issue[] = [];
  const valid = checkPlugin(key, value, isVersion, (path, reason) => issues.push([path, reason]));
  return { valid, issues };
};

const version = {
  version: "1.0.0",
  name: "Echo",
  author: "me",
  description: "Answers",
  artifact: "echo.ts",
  sha256: "0".repeat(64),
  published_at: "2026-01-01T00:00:00Z",
};
const plugin = { namespace: "echo", type: "script", versions: { "1.0.0": version } };
const index = { version: 1, generated_at: "2026-01-01T00:00:00Z", plugins: {} };
const withVersion = (fields: object, key = "1.0.0") => ({
  ...plugin,
  versions: { [key]: { ...version, version: key, ...fields } },
});

const NO_UTC_TIME = "is not a UTC time YYYY-MM-DDTHH:MM:SSZ that exists";
const NO_VERSION = "is not a version of SemVer 2.0.0: three numbers, no `v`, 256 characters in all";

describe("the issues of the document around its plugins", () => {
  test.each<[string, unknown, boolean, Issue[]]>([
    ["a valid one", index, true, []],
    ["null", null, false, [["", "must be object"]]],
    ["a list", [], false, [["", "must be object"]]],
    ["an unknown field", { ...index, "a/b": 1 }, true, [["/a~1b", "is not a field of version 1"]]],
    ["no time", { ...index, generated_at: undefined }, true, [["/generated_at", "must be string"]]],
    [
      "a time that does not exist",
      { ...index, generated_at: "2026-02-30T00:00:00Z" },
      true,
      [["/generated_at", NO_UTC_TIME]],
    ],
    ["an empty time", { ...index, generated_at: "" }, true, [["/generated_at", "is empty"]]],
    ["plugins that are a text", { ...index, plugins: "x" }, false, [["/plugins", "must be object"]]],
    [
      "two bad fields",
      { version: 1, generated_at: 7, plugins: [] },
      false,
      [
        ["/generated_at", "must be string"],
        ["/plugins", "must be object"],
      ],
    ],
    [
      "two missing fields",
      { version: 1 },
      false,
      [
        ["/generated_at", "is missing"],
        ["/plugins", "is missing"],
      ],
    ],
  ])("are those of %s", (_, value, canGoOn, issues) => {
    expect(documentIssues(value)).toEqual({ canGoOn, issues });
  });
});

describe("the issues of a plugin", () => {
  test.each<[string, unknown, Issue[]]>([
    ["a valid one", plugin, []],
    ["null", null, [["", "must be object"]]],
    ["another key", { ...plugin, namespace: "other" }, [["/namespace", "is not the same as its key"]]],
    ["an invalid namespace", { ...plugin, namespace: 7 }, [["/namespace", "must be string"]]],
    [
      "another type",
      { ...plugin, type: "x" },
      [["/type", "is not one of metadata, download, login, script"]],
    ],
    ["no versions", { ...plugin, versions: {} }, [["/versions", "is empty"]]],
    ["a list of versions", { ...plugin, versions: [] }, [["/versions", "must be object"]]],
    [
      "two unknown fields",
      { ...plugin, x: 1, y: 2 },
      [
        ["/x", "is not a field of version 1"],
        ["/y", "is not a field of version 1"],
      ],
    ],
    [
      "a missing and an unknown field",
      { namespace: "echo", kind: "script", versions: plugin.versions },
      [
        ["/type", "is missing"],
        ["/kind", "is not a field of version 1"],
      ],
    ],
    [
      "a version that is a text",
      { ...plugin, versions: { "1.0.0": "x" } },
      [["/versions/1.0.0", "must be object"]],
    ],
    ["an invalid version", withVersion({}, "1.0"), [["/versions/1.0", NO_VERSION]]],
    [
      "an invalid version that is a text",
      { ...plugin, versions: { v: "x" } },
      [
        ["/versions/v", NO_VERSION],
        ["/versions/v", "must be object"],
      ],
    ],
    [
      "another version than its key",
      withVersion({ version: "1.0.1" }),
      [["/versions/1.0.0/version", "is not the same as its key"]],
    ],
    [
      "a version that is a number",
      withVersion({ version: 1 }),
      [["/versions/1.0.0/version", "must be string"]],
    ],
    [
      "an absolute artifact",
      withVersion({ artifact: "/x" }),
      [["/versions/1.0.0/artifact", "is an absolute path"]],
    ],
    ["an empty artifact", withVersion({ artifact: "" }), [["/versions/1.0.0/artifact", "is empty"]]],
    [
      "an artifact that is a number",
      withVersion({ artifact: 1 }),
      [["/versions/1.0.0/artifact", "must be string"]],
    ],
    [
      "a time that does not exist",
      withVersion({ published_at: "today" }),
      [["/versions/1.0.0/published_at", NO_UTC_TIME]],
    ],
    [
      "a time that is a number",
      withVersion({ published_at: 1 }),
      [["/versions/1.0.0/published_at", "must be string"]],
    ],
    ["an empty name", withVersion({ name: "" }), [["/versions/1.0.0/name", "is empty"]]],
  ])("are those of %s", (_, value, issues) => {
    expect(pluginIssues(value)).toEqual({ valid: issues.length === 0, issues });
  });
});

test("a value that breaks two rules has one issue", () => {
  const namespace = "A b".repeat(100);
  expect(pluginIssues({ ...plugin, namespace }, namespace).issues).toEqual([
    ["/namespace", expect.any(String)],
  ]);
});

test("a plugin with one bad version of two is not valid", () => {
  const versions = { "1.0.0": { ...version, name: "" }, "2.0.0": { ...version, version: "2.0.0" } };
  expect(pluginIssues({ ...plugin, versions }).valid).toBe(false);
});

test("a pointer step escapes `~` and `/` everywhere (RFC 6901)", () => {
  expect(pointerStep("~1/~/")).toBe("/~01~1~0~1");
  expect(pointerStep(7)).toBe("/7");
  const issues: Issue[] = [];
  inside("a/b", (path, reason) => issues.push([path, reason]))("/c", "x");
  expect(issues).toEqual([["/a~1b/c", "x"]]);
});

test("the error of an index has the pointer, or `/` for the document", () => {
  expect(indexInvalid("", "x")).toMatchObject({ code: "INDEX_INVALID", params: { path: "/", reason: "x" } });
  expect(indexInvalid("/a", "x").params).toEqual({ path: "/a", reason: "x" });
});

test("the message for a refused version is true for each kind of refusal", () => {
  const reasonOf = (key: string): string | undefined => pluginIssues(withVersion({}, key)).issues[0]?.[1];
  expect(reasonOf("1.0.0")).toBeUndefined();
  expect(reasonOf(`${Number.MAX_SAFE_INTEGER}.0.0`)).toBeUndefined();
  // Numbers of any size are compared exactly.
  expect(reasonOf("99999999999999999999.0.0")).toBeUndefined();
  expect(reasonOf(`1.0.0-${"a".repeat(300)}`)).toContain("256 characters in all");
  expect(reasonOf("v1.0.0")).toContain("no `v`");
});
