import type { InstallPlan, RequiredPlugin } from "@hitagi/contract";
import { type Plan, reportOf, showPlan } from "../steps/plan.ts";
import type { InstallSet } from "./plan-set.ts";

const shown = (plan: Plan, neededBy: RequiredPlugin["neededBy"]): RequiredPlugin => ({
  namespace: plan.current.namespace,
  registry: plan.resolved.registry,
  registryName: plan.resolved.registryName,
  version: plan.resolved.version.version,
  sha256: plan.resolved.version.sha256,
  installed: plan.current.version ?? null,
  neededBy,
  permissions: plan.grants ?? null,
  confinement: plan.confinement,
  warnings: plan.warnings.map(reportOf),
});

/** An install with all that it needs, as the API returns it. */
export const showSet = ({ plan, required, neededBy }: InstallSet): InstallPlan => ({
  ...showPlan(plan),
  ...(required.length > 0 && {
    requires: required.map((one) => shown(one, neededBy.get(one.current.namespace) ?? [])),
  }),
});
