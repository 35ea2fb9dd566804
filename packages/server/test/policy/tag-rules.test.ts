import { describe, expect, test } from "vitest";
import { parseTagRules, rewriteTag, ruleFault } from "../../src/policy/tag-rules.ts";

const rewrite = (rules: string, ...tags: string[]): string[] => {
  const parsed = parseTagRules(rules);
  return tags.flatMap((tag) => rewriteTag(parsed, tag).tags);
};

describe("tag rules are read as LANraragi reads them", () => {
  test.each([
    ["digital", "remove", "digital", ""],
    ["-digital", "remove", "digital", ""],
    ["  -with space \r", "remove", "with space", ""],
    ["-misc:*", "remove-namespace", "misc", ""],
    ["~language", "strip-namespace", "language", ""],
    ["parody:* -> series:*", "rename-namespace", "parody", "series"],
    ["  flip   ->  flop  over ", "replace", "flip", "flop  over"],
    ["group:a -> alone", "replace", "group:a", "alone"],
    ["parody:* -> one", "replace", "parody:*", "one"],
    ["SCREAM -> Be quiet", "replace", "SCREAM", "Be quiet"],
    ["big eyes => Eyes", "alias", "big eyes", "Eyes"],
    ["flip -> ", "remove", "flip", ""],
    ["a -> b -> c", "replace", "a", "b"],
    ["a => b => c", "alias", "a", "b"],
  ])("%j is the rule %s of %s", (line, kind, from, to) => {
    expect(parseTagRules(line).rules).toEqual([{ kind, from, to, text: line.trim() }]);
  });

  test("empty lines are skipped, and lines without a tag are named", () => {
    const { rules, ignored } = parseTagRules("\r\n  \n-\n~\n -> x\n => y\na\n");
    expect(rules.map(({ from }) => from)).toEqual(["a"]);
    expect(ignored).toEqual(["-", "~", "-> x", "=> y"]);
  });
});

describe("tag rules", () => {
  test("remove, strip, rename and replace, without regard to case", () => {
    const rules = "-Gone\n-MISC:*\n~Language\nserie:* -> parody:*\nVARIOUS -> Several People";
    const tags = [
      "GONE",
      "misc:x",
      "language:english",
      "Serie:One Piece",
      "various",
      "serie-like:x",
      "other",
    ];
    expect(rewrite(rules, ...tags)).toEqual([
      ...["english", "parody:One Piece", "Several People", "serie-like:x", "other"],
    ]);
  });

  test("apply in their order, each to what the one before made", () => {
    expect(rewrite("a -> b\nb -> c\nc:* -> d:*", "a", "c:x")).toEqual(["c", "d:x"]);
    expect(rewrite("b -> c\na -> b", "a")).toEqual(["b"]);
    expect(rewrite("a -> gone\n-gone", "a")).toEqual([]);
  });

  test("use one alias, after all other rules, and the last one of a tag", () => {
    expect(rewrite("a => b\nb => c", "a")).toEqual(["b"]);
    expect(rewrite("x => y\n~ns", "ns:x")).toEqual(["y"]);
    expect(rewrite("a => one\nA => two", "a")).toEqual(["two"]);
    expect(rewrite("a => ", "a", "b")).toEqual(["b"]);
  });

  test("make several tags of a replacement with commas", () => {
    expect(rewrite("duo -> artist:a, artist:b", "duo")).toEqual(["artist:a", "artist:b"]);
  });

  test("compare tags that are composed differently as one, and treat no text as a pattern", () => {
    expect(rewrite("caf\u00e9 -> tea", "cafe\u0301")).toEqual(["tea"]);
    expect(rewrite("-.*:*", "a:b")).toEqual(["a:b"]);
    expect(rewrite("-a:b:*\n~c:d", "a:b:x", "c:d:y", "c:x")).toEqual(["y", "c:x"]);
  });

  test("say which of them changed a tag", () => {
    const { tags, by } = rewriteTag(parseTagRules("~ns\nx -> y\ny => z"), "ns:x");
    expect([tags, by.map(({ text }) => text)]).toEqual([["z"], ["~ns", "x -> y", "y => z"]]);
  });
});

describe("a line that would not do what it seems to is refused, with what to write instead", () => {
  test.each([
    ["a ->", "has nothing after its arrow", "`-a`"],
    ["  a ->   ", "has nothing after its arrow", "`-a`"],
    ["a->", "has nothing after its arrow", "`-a`"],
    ["a =>", "has nothing after its arrow", "`-a`"],
    ["a -> ,", "has nothing after its arrow", "`-a`"],
    ["-a ->", "has nothing after its arrow", "`-a`"],
    ["ns:* ->", "has nothing after its arrow", "`-ns:*`"],
    ["ns:* -> :*", "has nothing after its arrow", "`-ns:*`"],
    ["日本語 ->", "has nothing after its arrow", "`-日本語`"],
    ["-> b", "names no tag on its left side", "`tag -> other`"],
    [" => b", "names no tag on its left side", "`tag -> other`"],
    ["->", "names no tag on its left side", "`tag -> other`"],
    ["=>", "names no tag on its left side", "`tag -> other`"],
    ["-> ->", "names no tag on its left side", "`tag -> other`"],
    ["=> =>", "names no tag on its left side", "`tag -> other`"],
    ["-", "names no tag on its left side", "`-tag`"],
    ["~", "names no tag on its left side", "`-tag`"],
    ["-:*", "names no tag on its left side", "`-tag`"],
    [":* -> a:*", "names no tag on its left side", "`-tag`"],
    ["a → b", "has the arrow →", "`a -> b`"],
    ["a⇒b", "has the arrow ⇒", "`a => b`"],
  ])("%j", (line, reason, instead) => {
    expect(ruleFault(line)).toEqual({
      reason: expect.stringContaining(reason),
      instead: expect.stringContaining(instead),
    });
  });

  test.each([
    "tag",
    "-tag",
    "-ns:*",
    "~ns",
    "ns:* -> b:*",
    "a -> b, c",
    "a => b",
    "a-> b",
    "a → b -> c",
    ">_< -> smile",
  ])("%j is a rule", (line) => {
    expect(ruleFault(line)).toBeUndefined();
  });
});
