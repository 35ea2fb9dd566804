import { HitagiError, type Namespace, quoteText } from "@hitagi/contract";
import { compareBuilds } from "../../catalog/version-choice.ts";
import type { InstallDeps } from "../deps.ts";
import { offersOf, requirementsOfOffer } from "./candidates.ts";
import { isInRange, isRange } from "./ranges.ts";
import { type Candidate, type Choices, type Need, type Problem, type SearchBudget, solve } from "./solve.ts";

/** Other versions of a plugin that are tried, so that one can be named that could be installed. */
const MAX_OTHERS = 20;

type Deps = Pick<InstallDeps, "catalog" | "active" | "store" | "artifacts" | "previewCache">;

/** A sentence about another version of the plugin that could be installed; empty if there is none. */
const couldBe = async (
  deps: Deps,
  choices: Choices,
  root: Candidate,
  budget: SearchBudget,
): Promise<string> => {
  const offer = (await offersOf(deps, root.namespace)).find(({ registry }) => registry === root.registry);
  const yanked = new Set(offer?.details?.yanked.map(({ version }) => version));
  const others = (offer?.versions ?? [])
    .filter(({ version }) => version !== root.version && !yanked.has(version))
    .sort((a, b) => compareBuilds(b.version, a.version));
  for (const other of others.slice(0, MAX_OTHERS)) {
    if (budget.left === 0) break;
    const requires = await requirementsOfOffer(deps, offer ?? {}, other);
    const { problem } = await solve(choices, { ...root, version: other.version, requires }, budget);
    if (problem === undefined)
      return `\`hitagi install ${root.namespace} --version ${other.version}\` installs a version that could be. `;
  }
  return "";
};

/** Why no version of a needed plugin can be in place. */
const reasonOf = async ({ active, catalog }: Deps, { namespace, range }: Need, chosen?: string) => {
  if (chosen !== undefined) return `${chosen} of it is needed beside it`;
  const installed = active.get(namespace);
  const version = installed?.manifest.version;
  if (installed && installed.registry === null) return `${version} is installed, which is of no registry`;
  if (installed?.updates?.hold) return `it is held at ${installed.updates.hold.at}`;
  const offers = await offersOf({ catalog }, namespace);
  const [newest] = offers
    .flatMap(({ versions }) => versions.map((one) => one.version))
    .sort((a, b) => compareBuilds(b, a));
  const offered =
    newest === undefined ? "no registry here offers it" : `the newest that is offered is ${newest}`;
  if (newest !== undefined && isInRange(newest, range))
    return "none that is offered fits what else is needed";
  return version === undefined ? offered : `${version} is installed, and ${offered}`;
};

/** The name of another registry that offers a needed plugin; undefined if its own one does, or none. */
const elsewhere = async (
  { catalog, store, active }: Deps,
  { registry }: Candidate,
  { namespace, range }: Need,
): Promise<string | undefined> => {
  const fitting = (await offersOf({ catalog }, namespace)).filter(({ versions }) =>
    versions.some(({ version }) => isInRange(version, range)),
  );
  if (fitting.some((offer) => offer.registry === registry)) return undefined;
  const installed = active.get(namespace as Namespace);
  const other = fitting.find((offer) => !installed || offer.registry === installed.registry);
  return other && ((await store.registries.get(other.registry))?.name ?? other.registry);
};

/** A range as a sentence shows it. What is no range can be any text of a plugin or a registry. */
const shownRange = (range: string): string => (isRange(range) ? range : quoteText(range));

/** Says why an install cannot bring all that it needs, and which version could. @param root the version that was asked for @param budget what the search before left */
export const explain = async (
  deps: Deps,
  choices: Choices,
  root: Candidate,
  problem: Problem,
  budget: SearchBudget,
): Promise<HitagiError> => {
  if (problem.kind === "refused") return problem.error;
  const could = await couldBe(deps, choices, root, budget);
  if (problem.kind === "hitagi") {
    const { namespace, version } = problem.candidate;
    const range = shownRange(problem.range);
    return new HitagiError("HITAGI_NEEDED", { namespace, version, range, current: choices.hitagi, could });
  }
  const { by, namespace, range } = problem.need;
  const needing = { by: `${by.namespace} ${by.version}`, namespace, range: shownRange(range) };
  if (problem.kind === "broken")
    return new HitagiError("REQUIREMENT_BROKEN", { ...needing, version: problem.version, could });
  const registry = problem.chosen === undefined && (await elsewhere(deps, root, problem.need));
  if (registry)
    return new HitagiError("REQUIREMENT_ELSEWHERE", { ...needing, registry, plugin: root.namespace });
  const reason = await reasonOf(deps, problem.need, problem.chosen);
  return new HitagiError("REQUIREMENT_UNMET", { ...needing, reason, could, plugin: root.namespace });
};
