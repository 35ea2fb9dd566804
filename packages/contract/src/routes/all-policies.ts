import { Type } from "typebox";
import { blockListFields } from "./block-lists.ts";
import { installPolicyFields } from "./install-policy.ts";
import { fieldPolicyFields, tagRuleFields } from "./policy.ts";
import { signaturePolicyFields } from "./registry-trust.ts";
import { answer, routes } from "./route.ts";
import { updatePolicyFields } from "./updates.ts";

/** All rules of the owner in one answer; each part is what its own call answers. */
export const allPolicyRoutes = routes({
  getPolicies: {
    method: "GET",
    path: "/api/policy",
    operation: "get_policies",
    summary:
      "All your rules, each part as its own call answers it: what may be installed, what must be signed, block lists, automatic " +
      "updates, fields and tags",
    tag: "plugins",
    scope: "read",
    response: answer("get_policies", {
      installs: Type.Object(installPolicyFields),
      signatures: Type.Object(signaturePolicyFields),
      blocks: Type.Object(blockListFields),
      updates: Type.Object(updatePolicyFields),
      fields: Type.Object(fieldPolicyFields),
      tags: Type.Object(tagRuleFields),
    }),
  },
});
