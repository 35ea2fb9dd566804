import { Type } from "typebox";
import { ArchiveId } from "../archives.ts";
import { RawNamespace } from "../namespace.ts";
import {
  FieldRule,
  ListedFieldRule,
  PolicyField,
  TagRule,
  TagRulesPreview,
  TagStep,
  TagTable,
} from "../policy.ts";
import { described } from "../scalars.ts";
import { answer, queuedJob, routes } from "./route.ts";

const revision = Type.Optional(
  Type.Integer({
    minimum: 0,
    maximum: Number.MAX_SAFE_INTEGER,
    description: "Refuses the change if the policy has another revision by now.",
  }),
);

/** The rules for fields, as calls answer them. */
export const fieldPolicyFields = {
  /** Grows with each change; 0 before the first. */
  revision: Type.Integer(),
  rules: Type.Array(ListedFieldRule),
};

/** The tag rules, as calls answer them. */
export const tagRuleFields = {
  /** Grows with each change; 0 before the first. */
  revision: Type.Integer(),
  /** Whether the rules and the table are used. */
  enabled: Type.Boolean(),
  /** The rules in LANraragi's notation, one on a line. */
  text: Type.String(),
  rules: Type.Array(TagRule),
  /** Lines of the text that are no rule. */
  ignored: Type.Array(Type.String()),
  table: Type.Union([TagTable, Type.Null()]),
  /** How many tags the table has; null without a table, and where it cannot be used. */
  tableTags: Type.Union([Type.Integer(), Type.Null()]),
  /** Why the server cannot use the table; null where it can. */
  tableProblem: Type.Union([Type.String(), Type.Null()]),
  /** Whether the state before the last change can be restored. */
  canUndo: Type.Boolean(),
};

/** The archives whose tags are rewritten. */
const whichArchives = {
  ids: Type.Optional(
    Type.Array(Type.String({ minLength: 1, maxLength: 128 }), {
      minItems: 1,
      maxItems: 100_000,
      description: "The ids of the archives, unless `all` is given.",
    }),
  ),
  all: Type.Optional(Type.Literal(true, { description: "All archives, instead of `ids`." })),
};

const RulesText = Type.String({ maxLength: 400_000 });

export const policyRoutes = routes({
  getFieldPolicy: {
    method: "GET",
    path: "/api/policy/fields",
    operation: "get_field_policy",
    summary:
      "Which fields of archives metadata plugins may set: the rules for all plugins, then those for each",
    tag: "plugins",
    scope: "read",
    response: answer("get_field_policy", fieldPolicyFields),
  },
  updateFieldPolicy: {
    method: "PUT",
    path: "/api/policy/fields",
    operation: "update_field_policy",
    summary: "Set or remove rules of the field policy; the other rules stay",
    tag: "plugins",
    scope: "manage",
    body: Type.Object(
      {
        rules: Type.Array(
          Type.Object(
            {
              /** An installed metadata plugin; null for all plugins. */
              plugin: Type.Union([RawNamespace, Type.Null()]),
              field: PolicyField,
              /** Null removes the rule. */
              rule: Type.Union([FieldRule, Type.Null()]),
            },
            { additionalProperties: false },
          ),
          {
            minItems: 1,
            maxItems: 1000,
            description: "The changes; rules of other fields and plugins stay.",
          },
        ),
        revision,
      },
      { additionalProperties: false },
    ),
    example: { rules: [{ plugin: null, field: "title", rule: "if-empty" }] },
    response: answer("update_field_policy", fieldPolicyFields),
  },
  getTagRules: {
    method: "GET",
    path: "/api/policy/tags",
    operation: "get_tag_rules",
    summary: "The rules for the tags that metadata plugins find, and the table that translates them",
    tag: "plugins",
    scope: "read",
    response: answer("get_tag_rules", tagRuleFields),
  },
  updateTagRules: {
    method: "PUT",
    path: "/api/policy/tags",
    operation: "update_tag_rules",
    summary: "Change the tag rules or their table, or undo the last change; what is absent stays",
    tag: "plugins",
    scope: "manage",
    body: Type.Object(
      {
        enabled: Type.Optional(Type.Boolean({ description: "Whether the rules and the table are used." })),
        text: Type.Optional(described("All rules in LANraragi's notation, one on a line.", RulesText)),
        table: Type.Optional(
          Type.Union([TagTable, Type.Null()], { description: "The translation table; null for none." }),
        ),
        undo: Type.Optional(
          Type.Boolean({
            description: "Restores the state before the last change, instead of another change.",
          }),
        ),
        lenient: Type.Optional(
          Type.Boolean({
            description:
              "Takes new lines of the text as LANraragi does: a tag before an arrow with nothing after it is removed, and a line that is no rule is ignored. Without it such lines are refused.",
          }),
        ),
        revision,
      },
      { additionalProperties: false, minProperties: 1 },
    ),
    example: { text: "-already uploaded\nparody:* -> series:*" },
    response: answer("update_tag_rules", tagRuleFields),
  },
  tryTagRules: {
    method: "POST",
    path: "/api/policy/tags/try",
    operation: "try_tag_rules",
    summary:
      "What the tag rules make of some tags or of those of an archive, also while they are off; changes nothing",
    tag: "plugins",
    scope: "read",
    body: Type.Object(
      {
        tags: Type.Optional(
          Type.String({
            maxLength: 100_000,
            description: "Tags, separated by commas; instead of an archive.",
          }),
        ),
        archive: Type.Optional(described("The id of an archive, whose tags are tried.", ArchiveId)),
        text: Type.Optional(described("Other rules to try; the stored ones by default.", RulesText)),
      },
      { additionalProperties: false },
    ),
    example: { tags: "already uploaded, parody:one piece" },
    response: answer("try_tag_rules", {
      /** The tags after the rules. */
      tags: Type.String(),
      steps: Type.Array(TagStep),
    }),
  },
  previewTagRules: {
    method: "POST",
    path: "/api/policy/tags/preview",
    operation: "preview_tag_rules",
    summary: "What the tag rules and the table would make of the tags that archives have; changes nothing",
    tag: "plugins",
    scope: "use",
    body: Type.Object(
      {
        ...whichArchives,
        size: Type.Optional(
          Type.Integer({
            minimum: 1,
            maximum: 200,
            description: "The most archives to list; 50 by default.",
          }),
        ),
      },
      { additionalProperties: false },
    ),
    example: { all: true },
    response: answer("preview_tag_rules", { preview: TagRulesPreview }),
  },
  applyTagRules: {
    method: "POST",
    path: "/api/policy/tags/apply",
    operation: "apply_tag_rules",
    summary:
      "Apply the tag rules and the table to the tags that archives have, in a job that is reported and undone as a batch",
    tag: "plugins",
    scope: "use",
    body: Type.Object(whichArchives, { additionalProperties: false }),
    example: { all: true },
    response: answer("apply_tag_rules", queuedJob),
  },
});
