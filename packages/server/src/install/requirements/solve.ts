import { setImmediate } from "node:timers/promises";
import type { HitagiError, Namespace, Requirements } from "@hitagi/contract";
import { fitsHitagi, isInRange } from "./ranges.ts";

/** A range of a plugin's versions that another plugin needs. */
export interface Need {
  /** The plugin that needs it, with its version. */
  by: { namespace: Namespace; version: string };
  namespace: Namespace;
  range: string;
}

/** A version that may be in place after an install. */
export interface Candidate {
  namespace: Namespace;
  version: string;
  /** Null for a plugin that is of no registry. */
  registry: string | null;
  /** All of these hold: what its details say, and what its manifest says. */
  requires: readonly Requirements[];
  /** Whether it is installed, and stays. */
  isInstalled: boolean;
}

/** What the search asks. */
export interface Choices {
  /** Hitagi's version. */
  hitagi: string;
  /** The candidates of a plugin, the best first: the installed version, then newer ones. */
  candidates(namespace: Namespace): Promise<readonly Candidate[]>;
  /** What installed plugins need of a plugin, and have now. */
  neededNow(namespace: Namespace): readonly Need[];
  /** Why a version that is not installed may not be: what the owner's rules say, or its state. Undefined where it may. */
  refusal(candidate: Candidate): Promise<HitagiError | undefined>;
}

/**
 * Why there is no solution. `hitagi`: a version needs another Hitagi. `broken`: an installed plugin would lose what it needs. `refused`:
 * see Choices.refusal.
 */
export type Problem =
  | { kind: "refused"; error: HitagiError }
  | { kind: "hitagi"; candidate: Candidate; range: string }
  | { kind: "broken"; need: Need; version: string }
  | { kind: "unmet"; need: Need; chosen?: string };

export type Solution =
  | {
      /** All versions that are put in place; those that others need come first, the first candidate last. */
      changes: readonly Candidate[];
      problem?: undefined;
    }
  | { problem: Problem };

/** Versions that the searches of one planning compare with a range. A keeper can write needs without end. */
const MAX_COMPARED = 100_000;

/** How many comparisons are left to the searches that share it. */
export interface SearchBudget {
  left: number;
}

export const searchBudget = (): SearchBudget => ({ left: MAX_COMPARED });

/** What it costs of the comparisons to ask whether a version may be installed: its registry and the owner's rules are read. */
const REFUSAL_COST = 500;

/** Comparisons before other work gets its turn. */
const PART = 1000;

/** Plugins that an install brings or upgrades beside its own. A preview loads so many, so that their permissions are shown. */
export const MAX_BROUGHT = 64;

export const needsOf = ({ namespace, version, requires }: Omit<Candidate, "registry">): Need[] =>
  requires.flatMap(({ plugins = {} }) =>
    Object.entries(plugins).map(([needed, range]) => ({
      by: { namespace, version },
      namespace: needed as Namespace,
      range,
    })),
  );

/** The order in which versions are put in place. A cycle begins anywhere. */
const inOrder = (chosen: ReadonlyMap<Namespace, Candidate>, root: Candidate): Candidate[] => {
  const ordered: Candidate[] = [];
  const seen = new Set<Namespace>();
  const visit = (candidate: Candidate | undefined): void => {
    if (!candidate || candidate.isInstalled || seen.has(candidate.namespace)) return;
    seen.add(candidate.namespace);
    for (const { namespace } of needsOf(candidate)) visit(chosen.get(namespace));
    ordered.push(candidate);
  };
  visit(root);
  return ordered;
};

/**
 * Finds versions of all plugins that a version needs, by backtracking: for each need in turn the best candidate, and the next one if
 * that leads nowhere. A plugin that is installed stays if it fits.
 * @param budget ends the search where it is used up
 * @returns the first dead end where there is no solution
 */
export const solve = async (
  choices: Choices,
  root: Candidate,
  budget: SearchBudget = searchBudget(),
): Promise<Solution> => {
  let problem: Problem | undefined;
  const deadEnd = (found: Problem): undefined => {
    problem ??= found;
    return undefined;
  };

  /** Why a candidate cannot be in place beside those that are chosen. */
  const objection = (
    candidate: Candidate,
    chosen: ReadonlyMap<Namespace, Candidate>,
  ): Problem | undefined => {
    if (candidate.isInstalled) return undefined;
    const range = candidate.requires.find(
      ({ hitagi }) => hitagi !== undefined && !fitsHitagi(choices.hitagi, hitagi),
    )?.hitagi;
    if (range !== undefined) return { kind: "hitagi", candidate, range };
    const need = choices
      .neededNow(candidate.namespace)
      .find(({ by, range }) => !chosen.has(by.namespace) && !isInRange(candidate.version, range));
    return need && { kind: "broken", need, version: candidate.version };
  };

  /** The same, also of the owner's rules. They are asked last. */
  const objectionOrRefusal = async (
    candidate: Candidate,
    chosen: ReadonlyMap<Namespace, Candidate>,
  ): Promise<Problem | undefined> => {
    const objected = objection(candidate, chosen);
    if (objected || candidate.isInstalled) return objected;
    budget.left = Math.max(0, budget.left - REFUSAL_COST);
    const error = await choices.refusal(candidate);
    return error && { kind: "refused", error };
  };

  /** @returns undefined where there were too many comparisons */
  const compare = async (version: string, range: string): Promise<boolean | undefined> => {
    if (budget.left === 0) return undefined;
    if (--budget.left % PART === 0) await setImmediate();
    return isInRange(version, range);
  };

  /** @param brought the chosen candidates that are not installed, beside the root */
  const search = async (
    chosen: ReadonlyMap<Namespace, Candidate>,
    open: readonly Need[],
    brought: number,
  ): Promise<ReadonlyMap<Namespace, Candidate> | undefined> => {
    let settled = 0;
    for (const need of open) {
      const { version } = chosen.get(need.namespace) ?? {};
      if (version === undefined) break;
      if (!(await compare(version, need.range))) return deadEnd({ kind: "unmet", need, chosen: version });
      settled++;
    }
    const [need, ...rest] = open.slice(settled);
    if (!need) return chosen;
    for (const candidate of await choices.candidates(need.namespace)) {
      const fits = await compare(candidate.version, need.range);
      if (fits === undefined) break;
      const isBrought = !candidate.isInstalled;
      if (!fits || (isBrought && brought === MAX_BROUGHT)) continue;
      const objected = await objectionOrRefusal(candidate, chosen);
      const found = objected
        ? deadEnd(objected)
        : await search(
            new Map(chosen).set(candidate.namespace, candidate),
            [...(isBrought ? needsOf(candidate) : []), ...rest],
            brought + Number(isBrought),
          );
      if (found) return found;
    }
    return deadEnd({ kind: "unmet", need });
  };

  const start = new Map([[root.namespace, root]]);
  const objected = objection(root, start);
  const chosen = objected ? deadEnd(objected) : await search(start, needsOf(root), 0);
  return chosen
    ? { changes: inOrder(chosen, root) }
    : { problem: problem ?? { kind: "unmet", need: needsOf(root)[0] as Need } };
};
