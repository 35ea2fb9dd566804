import { type BatchPreview, type ChainTrial, TriedArchive } from "@hitagi/contract";
import type { TrySteps } from "../chain/trial.ts";
import type { ActivePlugin, UseRequest } from "../types.ts";
import type { ItemPlan } from "./batch-item.ts";

/** A batch that is not run. */
interface Planned {
  /** The number of its archives, and the ids of those that are tried. */
  total: number;
  first: readonly string[];
  plugins: readonly ActivePlugin[];
  planFor(archive: string): Promise<ItemPlan>;
  keepTitle: boolean;
  arg: string | undefined;
}

const outcomeOf = ({ steps, before, after }: ChainTrial): TriedArchive["outcome"] => {
  const has = (outcome: ChainTrial["steps"][number]["outcome"]) =>
    steps.some((step) => step.outcome === outcome);
  if (has("failed")) return "failed";
  if ((["title", "tags", "summary"] as const).some((field) => before[field] !== after[field]))
    return "changed";
  if (steps.some(({ heldBack }) => heldBack.length > 0)) return "held_back";
  if (has("found")) return "unchanged";
  return has("nothing") ? "nothing_found" : "skipped";
};

const outcomes = TriedArchive.properties.outcome.enum;

const countsOf = (tried: readonly TriedArchive[]): BatchPreview["counts"] => {
  const counts = outcomes.map((one) => [one, tried.filter(({ outcome }) => outcome === one).length] as const);
  return Object.fromEntries(counts.filter(([, count]) => count > 0));
};

/** Runs the plugins of a batch on its first archives, one after the other, and stores nothing. @throws as {@link TrySteps} */
export const previewBatch = async (
  trySteps: TrySteps,
  { total, first, plugins, planFor, keepTitle, arg }: Planned,
  options: Pick<UseRequest, "actor" | "signal">,
): Promise<BatchPreview> => {
  const tried: TriedArchive[] = [];
  for (const id of first) {
    const plan = await planFor(id);
    const trial = await trySteps(id, plan.steps, { ...options, keepTitle, arg: plan.arg ?? arg });
    tried.push({ trial, outcome: outcomeOf(trial), skipped: plan.skipped ?? null });
  }
  const named = plugins.map(({ namespace, manifest }) => ({ plugin: namespace, name: manifest.name }));
  return { archives: total, plugins: named, tried, counts: countsOf(tried) };
};
