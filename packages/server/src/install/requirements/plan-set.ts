import { HitagiError, type Namespace, type RequiredPlugin, type Requirements } from "@hitagi/contract";
import { compareBuilds } from "../../catalog/version-choice.ts";
import type { InstallDeps } from "../deps.ts";
import type { Plan } from "../steps/plan.ts";
import type { InstallRequest } from "../types.ts";
import { choicesOf, type MadePlans, planOnce, type Refused, requestFor } from "./choices.ts";
import { explain } from "./explain.ts";
import { isInRange } from "./ranges.ts";
import { type Candidate, needsOf, type Solution, searchBudget, solve } from "./solve.ts";

/** An install with the plugins that it needs. */
export interface InstallSet {
  /** Of the plugin that was asked for; its conflicts and warnings are those of the whole set. */
  plan: Plan;
  /** Of the plugins that are installed or upgraded with it; those that others need come first. */
  required: readonly Plan[];
  /** Why each of them is. */
  neededBy: ReadonlyMap<Namespace, RequiredPlugin["neededBy"]>;
}

/** What the planned version needs: by the details of its registry, and by its manifest where that is known. */
const requirementsOfPlan = async (
  { artifacts, previewCache }: InstallDeps,
  { resolved: { version, details } }: Plan,
): Promise<Requirements[]> => {
  const { sha256 } = version;
  const manifest = previewCache.get(sha256)?.manifest ?? (await artifacts.manifest(sha256));
  return [details?.versions?.[version.version]?.requires, manifest?.requires].filter(
    (one) => one !== undefined,
  );
};

/** An automatic update brings no new plugin. */
const assertOwner = ({ update }: InstallRequest, plan: Plan): HitagiError | undefined =>
  update === "automatic" && plan.current.version === undefined
    ? new HitagiError("REQUIREMENT_NEW", {
        namespace: plan.current.namespace,
        version: plan.resolved.version.version,
      })
    : undefined;

/** Says of each version that a newer one was refused, and why. */
const olderThanRefused = (changed: readonly Candidate[], refused: readonly Refused[]): HitagiError[] =>
  changed.flatMap(({ namespace, version }) => {
    const newer = refused.find(
      ({ candidate }) => candidate.namespace === namespace && compareBuilds(candidate.version, version) > 0,
    );
    if (!newer) return [];
    const params = { namespace, version, newer: newer.candidate.version, reason: newer.error.message };
    return [new HitagiError("REQUIREMENT_NOT_NEWEST", params)];
  });

const setOf = async (
  deps: InstallDeps,
  made: MadePlans,
  request: InstallRequest,
  plan: Plan,
  { changes }: Extract<Solution, { changes: readonly Candidate[] }>,
  refused: readonly Refused[],
): Promise<InstallSet> => {
  const required: Plan[] = [];
  const changed = changes.slice(0, -1);
  for (const one of changed) required.push(await planOnce(deps, requestFor(request, one), made));
  const needs = changes.flatMap(needsOf);
  const neededBy = new Map(
    changed.map(({ namespace, version }) => [
      namespace,
      needs
        .filter((need) => need.namespace === namespace && isInRange(version, need.range))
        .map(({ by, range }) => ({ namespace: by.namespace, range })),
    ]),
  );
  const owners = required.map((one) => assertOwner(request, one)).filter((one) => one !== undefined);
  const all = [plan, ...required];
  return {
    plan: {
      ...plan,
      conflicts: [...all.flatMap(({ conflicts }) => conflicts), ...owners],
      warnings: [...all.flatMap(({ warnings }) => warnings), ...olderThanRefused(changed, refused)],
    },
    required,
    neededBy,
  };
};

/**
 * Plans an install with all that it needs. Requirements that a manifest alone says count once the file was loaded; a preview loads them.
 * @param made the plans of earlier rounds of the same preview; an install plans each time anew, under its locks
 * @throws HitagiError, see Catalog.resolve
 */
export const planSet = async (
  deps: InstallDeps,
  request: InstallRequest,
  made: MadePlans = new Map(),
): Promise<InstallSet> => {
  const plan = await planOnce(deps, request, made);
  const { registry, plugin, version } = plan.resolved;
  const root: Candidate = {
    ...{ namespace: plugin.namespace, version: version.version, registry, isInstalled: false },
    requires: await requirementsOfPlan(deps, plan),
  };
  const refused: Refused[] = [];
  const choices = await choicesOf(deps, made, { ...request, registry }, refused);
  const budget = searchBudget();
  const solution = await solve(choices, root, budget);
  const alone = { required: [], neededBy: new Map() };
  if (solution.problem === undefined)
    return request.ignoreRequirements
      ? { ...alone, plan }
      : setOf(deps, made, request, plan, solution, refused);
  const error = await explain(deps, choices, root, solution.problem, budget);
  return request.ignoreRequirements
    ? { ...alone, plan: { ...plan, warnings: [...plan.warnings, error] } }
    : { ...alone, plan: { ...plan, conflicts: [...plan.conflicts, error] } };
};
