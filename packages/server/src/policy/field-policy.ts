import {
  comparableText,
  FieldPolicyRule,
  type FieldRule,
  type HeldBack,
  type Namespace,
} from "@hitagi/contract";
import { Type } from "typebox";
import { documentKind } from "../documents/documents.ts";
import { stemOf } from "../library/filename.ts";
import { missingTags, splitTags, titleOr } from "../library/tags.ts";
import type { ArchiveNow, FieldPolicyChange, Findings, Permitted } from "./types.ts";

export const fieldPolicy = documentKind(
  "field-policy",
  Type.Object({ rules: Type.Array(FieldPolicyRule) }),
  { rules: [] },
  "fields",
);

/** The longest value that a report shows. */
const MAX_SHOWN = 300;

const shown = (text: string): string => (text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN - 1)}…` : text);

/** What stands before a tag's first colon; empty without one. */
const namespaceOf = (tag: string): string =>
  comparableText(tag.slice(0, Math.max(tag.indexOf(":"), 0)).trim());

/** A field as it is stored: namespaces of tags are compared without case. */
const fieldKey = (field: string): string => {
  const at = field.indexOf(":");
  return at < 0 ? field : `${field.slice(0, at)}:${comparableText(field.slice(at + 1).trim())}`;
};

const ORDER = ["title", "summary", "tags"];
const rankOf = ({ plugin, field }: FieldPolicyRule): string => {
  const [kind = "", namespace = ""] = field.split(":");
  return `${plugin ?? ""} ${ORDER.indexOf(kind)} ${field.includes(":") ? 1 : 0}${namespace}`;
};

/** The rules after some changes, in the order in which they are shown. */
export const changedRules = (
  rules: readonly FieldPolicyRule[],
  changes: readonly FieldPolicyChange[],
): FieldPolicyRule[] => {
  const byField = new Map(rules.map((one) => [`${one.plugin} ${one.field}`, one]));
  for (const { plugin, field: given, rule } of changes) {
    const field = fieldKey(given);
    if (rule === undefined) byField.delete(`${plugin} ${field}`);
    else byField.set(`${plugin} ${field}`, { plugin, field, rule });
  }
  return [...byField.values()].sort((a, b) => (rankOf(a) < rankOf(b) ? -1 : 1));
};

type Rule = Pick<FieldPolicyRule, "plugin" | "rule">;
const ALWAYS: Rule = { plugin: null, rule: "always" };

/** The rule that counts for a field: see {@link FieldPolicyRule}. */
const ruleFor = (rules: readonly FieldPolicyRule[], plugin: Namespace, field: string): Rule => {
  const general = field.startsWith("tags:") ? ["tags"] : [];
  for (const name of [field, ...general]) {
    const fitting = rules.filter((one) => one.field === name);
    const found = fitting.find((one) => one.plugin === plugin) ?? fitting.find((one) => one.plugin === null);
    if (found) return found;
  }
  return ALWAYS;
};

const nameOf = (field: string): string => {
  if (field === "tags:") return "tags without a namespace";
  return field.startsWith("tags:") ? `tags of ${field.slice("tags:".length)}` : `the ${field}`;
};

const reasonOf = (field: string, { plugin, rule }: Rule): string => {
  if (rule === "never") return `${plugin ?? "No plugin"} may ${plugin ? "never " : ""}set ${nameOf(field)}.`;
  if (field === "title") return "The archive has a title other than its file's name.";
  return `The archive has ${field === "summary" ? "a summary" : nameOf(field)} already.`;
};

/** What holds a title back that LANraragi's setting keeps. */
const keptTitle = (plugin: Namespace, title: string): HeldBack => ({
  ...{ plugin, field: "title", value: shown(title), rule: "never" },
  reason: "The setting `replacetitles` keeps the titles of archives.",
});

/** Whether an archive has anything in a field. */
const isEmpty = (now: ArchiveNow, field: string): boolean => {
  if (field === "title") return now.title === titleOr(undefined, stemOf(now.file));
  if (field === "summary") return now.summary === "";
  return !splitTags(now.tags).some((tag) => `tags:${namespaceOf(tag)}` === field);
};

const allows = (rule: FieldRule, now: ArchiveNow, field: string): boolean =>
  rule === "always" || (rule === "if-empty" && isEmpty(now, field));

const byNamespace = (tags: readonly string[]): Map<string, string[]> => {
  const groups = new Map<string, string[]>();
  for (const tag of tags) {
    const field = `tags:${namespaceOf(tag)}`;
    groups.set(field, [...(groups.get(field) ?? []), tag]);
  }
  return groups;
};

/** Divides a result into what may be written to an archive and what may not. Tags that the archive has are in neither. */
export const permitted = (
  rules: readonly FieldPolicyRule[],
  plugin: Namespace,
  { tags, title, summary }: Findings,
  now: ArchiveNow,
  keepTitle = false,
): Permitted => {
  const heldBack: HeldBack[] = [];
  const isAllowed = (field: string, value: string): boolean => {
    const found = ruleFor(rules, plugin, field);
    if (allows(found.rule, now, field)) return true;
    const { rule } = found;
    heldBack.push({ plugin, field, value: shown(value), rule, reason: reasonOf(field, found) });
    return false;
  };
  const isTitleAllowed = (text: string): boolean => {
    if (text === now.title) return true;
    if (!keepTitle) return isAllowed("title", text);
    heldBack.push(keptTitle(plugin, text));
    return false;
  };

  const missing = missingTags(splitTags(now.tags), tags);
  const findings: Findings = { tags: [] };
  if (title !== undefined && isTitleAllowed(title)) findings.title = title;
  if (summary !== undefined && (summary === now.summary || isAllowed("summary", summary)))
    findings.summary = summary;
  const refused = new Set<string>();
  for (const [field, group] of byNamespace(missing))
    if (!isAllowed(field, group.join(", "))) for (const tag of group) refused.add(tag);
  findings.tags = missing.filter((tag) => !refused.has(tag));
  return { findings, heldBack };
};
