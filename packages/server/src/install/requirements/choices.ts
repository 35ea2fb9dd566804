import type { HitagiError, Namespace } from "@hitagi/contract";
import { version as hitagi } from "../../version.ts";
import type { InstallDeps } from "../deps.ts";
import { makePlan, type Plan } from "../steps/plan.ts";
import type { InstallRequest } from "../types.ts";
import { candidatesOf } from "./candidates.ts";
import { installedNeeds, isMet } from "./installed.ts";
import type { Candidate, Choices } from "./solve.ts";

/**
 * The request for a plugin that another one needs. The permissions in a request are for the requested plugin only. An upgrade does not
 * show the plugins that it installs, so a new one gets its permissions when the owner grants them.
 */
export const requestFor = (
  { update, grant, acceptUnsigned }: InstallRequest,
  { namespace, registry, version }: Candidate,
): InstallRequest => ({
  ...{ namespace, registry: registry ?? "", version, update: update ?? "upgrade", acceptUnsigned },
  ...{ grant: grant === true, asksFirst: update !== undefined },
});

/** The plans that one planning has made, by namespace and version. */
export type MadePlans = Map<string, Plan>;

/** A plan of before, unless its version was loaded since: then it says more. */
export const planOnce = async (
  deps: InstallDeps,
  request: InstallRequest,
  made: MadePlans,
): Promise<Plan> => {
  const key = `${request.registry} ${request.namespace} ${request.version}`;
  const before = made.get(key);
  if (before && (before.grants || !deps.previewCache.get(before.resolved.version.sha256))) return before;
  const plan = await makePlan(deps, request);
  made.set(key, plan);
  return plan;
};

/** Conflicts that the owner's answer resolves. Only where no owner is asked do they choose another version. */
const OWNER_DECIDES: ReadonlySet<string> = new Set(["PERMISSION_NEEDED", "GRANT_NEEDED"]);

/** A version that the search has not taken, and why. */
export interface Refused {
  candidate: Candidate;
  error: HitagiError;
}

/** What the search of one planning asks. @param refused gets the versions that are not taken */
export const choicesOf = async (
  deps: InstallDeps,
  made: MadePlans,
  request: InstallRequest,
  refused: Refused[],
): Promise<Choices> => {
  const { registry, otherRegistries = false, update } = request;
  const needs = await installedNeeds(deps);
  const met = needs.filter((need) => isMet(deps, need));
  const known = new Map<Namespace, Promise<Candidate[]>>();
  return {
    hitagi,
    candidates: (namespace) => {
      const found =
        known.get(namespace) ?? candidatesOf(deps, { registry, others: otherRegistries }, namespace);
      known.set(namespace, found);
      return found;
    },
    neededNow: (namespace) => met.filter((need) => need.namespace === namespace),
    refusal: async (candidate) => {
      const { conflicts } = await planOnce(deps, requestFor(request, candidate), made);
      const error = conflicts.find(({ code }) => update === "automatic" || !OWNER_DECIDES.has(code));
      if (error) refused.push({ candidate, error });
      return error;
    },
  };
};
