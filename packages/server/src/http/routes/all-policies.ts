import type { FastifyInstance } from "fastify";
import type { Services } from "../../services.ts";
import { handle } from "../route.ts";
import { describeBlockLists } from "./block-lists.ts";
import { describeInstallPolicy } from "./install-policy.ts";
import { describeFieldPolicy, describeTagRules } from "./policy.ts";
import { describeSignaturePolicy } from "./registry-trust.ts";
import { describeUpdatePolicy } from "./update-policy.ts";

/** All rules of the owner in one answer. */
export const allPolicyRoutes = (app: FastifyInstance, services: Services): void => {
  handle(app, "getPolicies", async () => {
    const [installs, signatures, blocks, updates, fields, tags] = await Promise.all([
      describeInstallPolicy(services),
      describeSignaturePolicy(services),
      describeBlockLists(services),
      describeUpdatePolicy(services),
      describeFieldPolicy(services),
      describeTagRules(services),
    ]);
    return { installs, signatures, blocks, updates, fields, tags };
  });
};
