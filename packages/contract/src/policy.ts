import { type Static, Type } from "typebox";
import { Namespace } from "./namespace.ts";

/** Whether a metadata plugin may set a field: `if-empty` only where the archive has nothing in it yet. */
export const fieldRules = ["always", "if-empty", "never"] as const;
export const FieldRule = Type.Enum([...fieldRules]);
export type FieldRule = (typeof fieldRules)[number];

const FIELD_PATTERN = "^(title|summary|tags(:[^,:]{0,100})?)$";

/**
 * What a rule is about: `title`, `summary`, `tags` (of any namespace), `tags:<namespace>`, or `tags:` (tags without a namespace). An
 * archive whose title is the name of its file has an empty title.
 */
export const PolicyField = Type.String({ pattern: FIELD_PATTERN });

/** Whether a text names a field of the policy. */
export const isPolicyField = (text: string): boolean => new RegExp(FIELD_PATTERN).test(text);
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

/** The kinds of tag rules, in LANraragi's notation. */
export const tagRuleKinds = [
  /** `tag` or `-tag` */
  "remove",
  /** `-namespace:*` */
  "remove-namespace",
  /** `~namespace` */
  "strip-namespace",
  /** `namespace:* -> other:*` */
  "rename-namespace",
  /** `tag -> other` */
  "replace",
  /** `tag => other`: used once, after all other rules */
  "alias",
] as const;

/** A rule for the tags that metadata plugins find. Case does not count in `from`. */
export const TagRule = Type.Object({
  kind: Type.Enum([...tagRuleKinds]),
  from: Type.String(),
  /** Empty for a rule that removes. */
  to: Type.String(),
  /** The rule as it was written. */
  text: Type.String(),
});
export type TagRule = Static<typeof TagRule>;

/** A file of the server with translations of tags, used after the tag rules. */
export const TagTable = Type.Object(
  {
    /** An absolute path: a JSON database of EhTagTranslation, or a JSON object of tags with their translations. */
    file: Type.String({ minLength: 1, maxLength: 4096 }),
    /** Whether namespaces are translated too. */
    namespaces: Type.Boolean(),
  },
  { additionalProperties: false },
);
export type TagTable = Static<typeof TagTable>;

/** What the rules make of one tag. */
export const TagStep = Type.Object({
  tag: Type.String(),
  /** Empty if it is removed; several tags if its replacement has commas. */
  becomes: Type.Array(Type.String()),
  /** The rules that changed it, in their order. */
  rules: Type.Array(Type.String()),
  /** Whether the table translated it. */
  translated: Type.Boolean(),
});
export type TagStep = Static<typeof TagStep>;

/** What the tag rules would make of the tags of one archive. */
export const RewrittenTags = Type.Object({
  archive: Type.String(),
  title: Type.String(),
  /** Its path in the library, with `/`. */
  file: Type.String(),
  /** All its tags, before and after. */
  before: Type.String(),
  after: Type.String(),
});
export type RewrittenTags = Static<typeof RewrittenTags>;

/** What the tag rules would change in the library. */
export const TagRulesPreview = Type.Object({
  /** Archives that were looked at. */
  archives: Type.Integer(),
  /** Archives that would change. */
  changed: Type.Integer(),
  /** The first of those. */
  items: Type.Array(RewrittenTags),
});
export type TagRulesPreview = Static<typeof TagRulesPreview>;
