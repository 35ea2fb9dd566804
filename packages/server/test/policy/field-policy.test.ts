import type { FieldPolicyRule } from "@hitagi/contract";
import { describe, expect, test } from "vitest";
import { changedRules, permitted } from "../../src/policy/field-policy.ts";
import type { ArchiveNow, Findings } from "../../src/policy/types.ts";

const archive = (more: Partial<ArchiveNow> = {}): ArchiveNow => ({
  ...{ title: "one", tags: "", summary: "", file: "folder/one.cbz" },
  ...more,
});
const found: Findings = {
  title: "Found",
  summary: "About it",
  tags: ["artist:a", "Artist:b", "source:example.org/1", "plain", ":odd"],
};
type Short = [field: string, rule: FieldPolicyRule["rule"], plugin?: FieldPolicyRule["plugin"]];
const rules = (...some: Short[]): FieldPolicyRule[] =>
  some.map(([field, rule, plugin = null]) => ({ plugin, field, rule }));
const use = (policy: FieldPolicyRule[], now = archive(), findings = found) =>
  permitted(policy, "p", findings, now);
const heldFields = (policy: FieldPolicyRule[], now = archive()) =>
  use(policy, now).heldBack.map(({ field }) => field);

describe("the field policy", () => {
  test("lets everything pass without a rule, but tags that the archive has", () => {
    const { findings, heldBack } = use([], archive({ tags: "PLAIN", title: "T", summary: "S" }));
    expect(heldBack).toEqual([]);
    expect(findings).toEqual({ ...found, tags: ["artist:a", "Artist:b", "source:example.org/1", ":odd"] });
  });

  test("holds back what may never be set, and says what and why", () => {
    const policy = rules(
      ["title", "never"],
      ["summary", "never", "p"],
      ["tags:artist", "never"],
      ["tags:", "never", "p"],
    );
    expect(use(policy)).toEqual({
      findings: { tags: ["source:example.org/1"] },
      heldBack: [
        {
          plugin: "p",
          field: "title",
          value: "Found",
          rule: "never",
          reason: "No plugin may set the title.",
        },
        {
          plugin: "p",
          field: "summary",
          value: "About it",
          rule: "never",
          reason: "p may never set the summary.",
        },
        {
          ...{ plugin: "p", field: "tags:artist", value: "artist:a, Artist:b", rule: "never" },
          reason: "No plugin may set tags of artist.",
        },
        {
          ...{ plugin: "p", field: "tags:", value: "plain, :odd", rule: "never" },
          reason: "p may never set tags without a namespace.",
        },
      ],
    });
  });

  test("with if-empty sets a title only where it is the file's name, and a summary only where there is none", () => {
    const policy = rules(["title", "if-empty"], ["summary", "if-empty"]);
    expect(heldFields(policy)).toEqual([]);
    expect(heldFields(policy, archive({ title: "Mine" }))).toEqual(["title"]);
    expect(heldFields(policy, archive({ title: "vol.1", file: "vol.1.tar.gz" }))).toEqual([]);
    expect(heldFields(policy, archive({ summary: "Mine" }))).toEqual(["summary"]);
    expect(use(policy, archive({ title: "Mine" })).heldBack[0]?.reason).toBe(
      "The archive has a title other than its file's name.",
    );
  });

  test("with if-empty adds all tags of a namespace that the archive has none of, each namespace by itself", () => {
    const policy = rules(["tags", "if-empty"]);
    expect(heldFields(policy)).toEqual([]);
    expect(use(policy).findings.tags).toEqual(found.tags);
    expect(heldFields(policy, archive({ tags: "ARTIST:x, y" }))).toEqual(["tags:artist", "tags:"]);
  });

  test("prefers the rule for a namespace to that for all tags, then the one for the plugin", () => {
    const policy = rules(
      ["tags", "never", "p"],
      ["tags:source", "always"],
      ["tags:artist", "never"],
      ["tags:artist", "always", "p"],
      ["title", "never"],
      ["title", "always", "p"],
      ["summary", "never", "other"],
    );
    expect(heldFields(policy)).toEqual(["tags:"]);
  });

  test("holds nothing back that would change nothing", () => {
    const now = archive({ title: "Found", summary: "About it", tags: found.tags.join() });
    expect(heldFields(rules(["title", "never"], ["summary", "never"], ["tags", "never"]), now)).toEqual([]);
  });

  test("keeps a title in any case where LANraragi's setting does", () => {
    const { findings, heldBack } = permitted(rules(["title", "always"]), "p", found, archive(), true);
    expect(findings).not.toHaveProperty("title");
    expect(heldBack).toEqual([
      {
        ...{ plugin: "p", field: "title", value: "Found", rule: "never" },
        reason: "The setting `replacetitles` keeps the titles of archives.",
      },
    ]);
  });

  test("cuts a long value in its report", () => {
    const [held] = use(rules(["summary", "never"]), archive(), {
      tags: [],
      summary: "x".repeat(9000),
    }).heldBack;
    expect(held?.value).toHaveLength(300);
    expect(held?.value.endsWith("x…")).toBe(true);
  });
});

test("rules are replaced, added and removed by plugin and field, and kept in one order", () => {
  const before = rules(["tags:artist", "never"], ["title", "if-empty", "b"]);
  const after = changedRules(before, [
    { plugin: null, field: "tags:ARTIST", rule: "always" },
    { plugin: null, field: "tags", rule: "never" },
    { plugin: "a", field: "summary", rule: "never" },
    { plugin: null, field: "title", rule: "if-empty" },
    { plugin: "b", field: "title", rule: undefined },
    { plugin: "b", field: "summary", rule: undefined },
  ]);
  expect(after).toEqual(
    rules(["title", "if-empty"], ["tags", "never"], ["tags:artist", "always"], ["summary", "never", "a"]),
  );
});
