import { comparableText, type TagRule } from "@hitagi/contract";
import { splitTags } from "../library/tags.ts";

/** Rules for tags, ready for use. Facts: LANraragi's documentation of its tag rules, and its tests. */
export interface TagRules {
  readonly rules: readonly TagRule[];
  /** Lines that are no rule. */
  readonly ignored: readonly string[];
  /** In their order; each gets the tag that the one before made. */
  readonly steps: readonly TagRule[];
  /** The aliases by tag, of which at most one is used, after all steps. The last one of a tag counts. */
  readonly aliases: ReadonlyMap<string, TagRule>;
}

/** Text before and after the first arrow; undefined without one. */
const around = (line: string, arrow: string): [from: string, to: string] | undefined => {
  const [from, to] = line.split(arrow);
  return from === undefined || to === undefined ? undefined : [from.trim(), to.trim()];
};

const namespaceIn = (text: string): string | undefined =>
  text.endsWith(":*") ? text.slice(0, -2) : undefined;

/** What a line without a replacement removes: `tag`, `-tag`, `-namespace:*`, or `~namespace`. */
const removal = (text: string): Omit<TagRule, "text"> => {
  if (text.startsWith("~")) return { kind: "strip-namespace", from: text.slice(1), to: "" };
  if (!text.startsWith("-")) return { kind: "remove", from: text, to: "" };
  const namespace = namespaceIn(text);
  return namespace === undefined
    ? { kind: "remove", from: text.slice(1), to: "" }
    : { kind: "remove-namespace", from: namespace.slice(1), to: "" };
};

const replacement = (from: string, to: string): Omit<TagRule, "text"> => {
  const [old, renamed] = [namespaceIn(from), namespaceIn(to)];
  return old !== undefined && renamed !== undefined
    ? { kind: "rename-namespace", from: old, to: renamed }
    : { kind: "replace", from, to };
};

const parseLine = (line: string): TagRule | undefined => {
  const text = line.trim();
  const [from, to] = around(text, "->") ?? [text, ""];
  const alias = to === "" && !/^[-~]/.test(from) ? around(text, "=>") : undefined;
  let rule: Omit<TagRule, "text">;
  if (alias) rule = { kind: "alias", from: alias[0], to: alias[1] };
  else rule = to === "" ? removal(from) : replacement(from, to);
  return rule.from === "" ? undefined : { ...rule, text };
};

/** Reads rules, one on a line. A line of another form is ignored, as in LANraragi. */
export const parseTagRules = (text: string): TagRules => {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  const read = lines.map((line) => parseLine(line));
  const rules = read.filter((rule) => rule !== undefined);
  const aliases = rules.filter(({ kind }) => kind === "alias");
  return {
    rules,
    ignored: lines.filter((_, n) => read[n] === undefined).map((line) => line.trim()),
    steps: rules
      .filter(({ kind }) => kind !== "alias")
      .map((rule) => ({ ...rule, from: comparableText(rule.from) })),
    aliases: new Map(aliases.map((rule) => [comparableText(rule.from), rule])),
  };
};

/** Why a line is not accepted as a rule, and what to write instead. */
export interface RuleFault {
  reason: string;
  instead: string;
}

const NO_TAG: RuleFault = {
  reason: "names no tag on its left side",
  instead: "Write `-tag` to remove a tag, `tag -> other` to replace it.",
};

/**
 * What is wrong with a line that LANraragi would ignore, or of which it would remove a tag though the line has an arrow. Undefined for
 * a rule.
 */
export const ruleFault = (line: string): RuleFault | undefined => {
  const rule = parseLine(line);
  if (rule === undefined) return NO_TAG;
  const { kind, from, to, text } = rule;
  const isEmpty = kind === "rename-namespace" ? to.trim() === "" : splitTags(to).length === 0;
  if (/->|=>/.test(text) && isEmpty) {
    const tag = kind === "rename-namespace" ? `${from}:*` : from;
    return {
      reason: "has nothing after its arrow",
      instead: `Write \`-${tag.replace(/^-/, "")}\` to remove it, or what it becomes after the arrow.`,
    };
  }
  const other = /[→⇒]/.exec(text)?.[0];
  if (other === undefined || kind !== "remove") return undefined;
  const arrow = other === "→" ? "->" : "=>";
  return {
    reason: `has the arrow ${other}, which is part of the tag`,
    instead: `Write \`${text.replace(/\s*[→⇒]\s*/, ` ${arrow} `)}\`.`,
  };
};

/** What follows a namespace and its colon in a tag; undefined if the tag is of another one. */
const afterNamespace = (tag: string, namespace: string): string | undefined => {
  for (let at = tag.indexOf(":"); at >= 0; at = tag.indexOf(":", at + 1))
    if (comparableText(tag.slice(0, at)) === namespace) return tag.slice(at + 1);
  return undefined;
};

/** What a rule makes of a tag; undefined if it removes it. */
const applied = ({ kind, from, to }: TagRule, tag: string): string | undefined => {
  if (kind === "remove" || kind === "replace") {
    if (comparableText(tag) !== from) return tag;
    return kind === "remove" ? undefined : to;
  }
  const rest = afterNamespace(tag, from);
  if (rest === undefined) return tag;
  if (kind === "remove-namespace") return undefined;
  return kind === "strip-namespace" ? rest.trim() : `${to}:${rest}`;
};

/** What rules make of a tag, and which of them. A replacement with commas makes several tags. */
export interface RewrittenTag {
  tags: string[];
  by: TagRule[];
}

export const rewriteTag = ({ steps, aliases }: TagRules, given: string): RewrittenTag => {
  const by: TagRule[] = [];
  let tag = given;
  for (const rule of steps) {
    const next = applied(rule, tag);
    if (next !== tag) by.push(rule);
    if (next === undefined) return { tags: [], by };
    tag = next;
  }
  const alias = aliases.get(comparableText(tag));
  if (alias) {
    by.push(alias);
    tag = alias.to;
  }
  return { tags: splitTags(tag), by };
};
