import { type Static, Type } from "typebox";
import { Namespace } from "./namespace.ts";

/** Whether a metadata plugin may set a field: `if-empty` only where the archive has nothing in it yet. */
export const fieldRules = ["always", "if-empty", "never"] as const;
export const FieldRule = Type.Enum([...fieldRules]);
export type FieldRule = (typeof fieldRules)[number];

/**
 * What a rule is about: `title`, `summary`, `tags` (of any namespace), `tags:<namespace>`, or `tags:` (tags without a namespace). An
 * archive whose title is the name of its file has an empty title.
 */
export const PolicyField = Type.String({ pattern: "^(title|summary|tags(:[^,:]{0,100})?)$" });
export type PolicyField = Static<typeof PolicyField>;

const OfPlugin = Type.Union([Namespace, Type.Null()]);

/**
 * A rule of the field policy, for one metadata plugin, or for all if `plugin` is null. Of the rules that fit, one for a namespace of tags
 * counts before one for all tags, then one for the plugin before one for all plugins. Without a rule, a plugin may set the field.
 */
export const FieldPolicyRule = Type.Object({ plugin: OfPlugin, field: PolicyField, rule: FieldRule });
export type FieldPolicyRule = Static<typeof FieldPolicyRule>;

/** A rule as the API lists it. */
export const ListedFieldRule = Type.Object({
  ...FieldPolicyRule.properties,
  /** The plugin's name; null for all plugins, and for a plugin that is not installed. */
  name: Type.Union([Type.String(), Type.Null()]),
});

/** A part of a plugin's result that was not written, because the field policy says so. */
export const HeldBack = Type.Object({
  plugin: Type.String(),
  /** `title`, `summary`, or `tags:` with the namespace of the tags; `tags:` alone for tags without a namespace. */
  field: Type.String(),
  /** The text, or the tags separated by commas; cut after 300 characters. */
  value: Type.String(),
  rule: FieldRule,
  /** Why, as a sentence for people. */
  reason: Type.String(),
});
export type HeldBack = Static<typeof HeldBack>;
