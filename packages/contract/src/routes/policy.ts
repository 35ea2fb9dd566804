import { Type } from "typebox";
import { RawNamespace } from "../namespace.ts";
import { FieldRule, ListedFieldRule, PolicyField } from "../policy.ts";
import { answer, routes } from "./route.ts";

const revision = Type.Optional(
  Type.Integer({ minimum: 0, description: "Refuses the change if the policy has another revision by now." }),
);

const fieldPolicy = {
  /** Grows with each change; 0 before the first. */
  revision: Type.Integer(),
  rules: Type.Array(ListedFieldRule),
};

export const policyRoutes = routes({
  getFieldPolicy: {
    method: "GET",
    path: "/api/policy/fields",
    operation: "get_field_policy",
    summary:
      "Which fields of archives metadata plugins may set: the rules for all plugins, then those for each",
    tag: "plugins",
    scope: "read",
    response: answer("get_field_policy", fieldPolicy),
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
    response: answer("update_field_policy", fieldPolicy),
  },
});
