import {
  type ArchiveTexts,
  type ChainTrial,
  HitagiError,
  isHitagiError,
  libraryRights,
  type TriedStep,
} from "@hitagi/contract";
import type { Library } from "../../library/types.ts";
import type { TryChain, UseRequest } from "../types.ts";
import { merged } from "../use/results.ts";
import type { Use } from "../use/use.ts";
import { type ChainRun, type Step, startChain } from "./chain-run.ts";
import type { ReadSteps } from "./steps.ts";

export interface TryStepsDeps {
  library: Pick<Library, "get">;
  use: Use;
}

export interface TrialDeps extends TryStepsDeps {
  readSteps: ReadSteps;
  /** Whether the chain replaces titles. */
  replacesTitles: () => Promise<boolean>;
}

interface TrialOptions extends Pick<UseRequest, "actor" | "signal" | "arg"> {
  /** Whether the title of the archive stays. */
  keepTitle: boolean;
}

/**
 * Runs steps on an archive and stores nothing; see {@link TryChain}.
 * @throws HitagiError ARCHIVE_NOT_FOUND, PLUGIN_CANCELLED
 */
export type TrySteps = (
  archive: string,
  steps: readonly Step[],
  options: TrialOptions,
) => Promise<ChainTrial>;

const NO_CHANGES: TriedStep["changes"] = { tags: [], title: null, summary: null };

const tried = ({ plugin }: Step, outcome: TriedStep["outcome"], more: Partial<TriedStep>): TriedStep => ({
  plugin: plugin.namespace,
  name: plugin.manifest.name,
  outcome,
  skipped: null,
  error: null,
  changes: NO_CHANGES,
  heldBack: [],
  ends_chain: false,
  ...more,
});

export const createTrySteps = ({ library, use }: TryStepsDeps): TrySteps => {
  const tryStep = async (
    run: ChainRun,
    step: Step,
    request: Omit<UseRequest, "namespace"> & { seen: ArchiveTexts },
    { file, keepTitle }: { file: string; keepTitle: boolean },
  ): Promise<{ step: TriedStep; after: ArchiveTexts }> => {
    const { seen } = request;
    const { namespace, granted } = step.plugin;
    const skipped = await run.skips(step, async () => ({ ...seen, file }));
    if (skipped) return { step: tried(step, "skipped", { skipped }), after: seen };
    if (libraryRights(granted.library).includes("write")) {
      const text = "it may change the library, so that a trial does not run it";
      return { step: tried(step, "skipped", { skipped: { code: "may-write", text } }), after: seen };
    }
    const { permit, found } = await use({ ...request, namespace });
    const permitted = permit?.({ ...seen, file }, keepTitle) ?? { findings: { tags: [] }, heldBack: [] };
    const { findings, heldBack } = permitted;
    const { tags, title = null, summary = null } = findings;
    const changes = { tags, title: title === seen.title ? null : title, summary };
    const ends_chain = run.ran(step, found);
    return {
      step: tried(step, found ? "found" : "nothing", { changes, heldBack, ends_chain }),
      after: merged(seen, findings),
    };
  };

  return async (id, chosen, { keepTitle, ...options }) => {
    const { title, tags, summary, file } = await library.get(id);
    const before = { title, tags, summary };
    const run = startChain();
    const steps: TriedStep[] = [];
    let after: ArchiveTexts = before;
    for (const step of chosen) {
      try {
        const done = await tryStep(run, step, { ...options, archive: id, seen: after }, { file, keepTitle });
        steps.push(done.step);
        after = done.after;
      } catch (error) {
        if (options.signal?.aborted) throw new HitagiError("PLUGIN_CANCELLED", {}, { cause: error });
        if (!isHitagiError(error)) throw error;
        const { code, message, hint } = error;
        steps.push(tried(step, "failed", { error: { code, message, hint } }));
      }
    }
    return { archive: { id, title, file }, steps, before, after };
  };
};

export const createTryChain = ({ readSteps, replacesTitles, ...deps }: TrialDeps): TryChain => {
  const trySteps = createTrySteps(deps);
  return async (id, options = {}) =>
    trySteps(id, await readSteps(), { ...options, keepTitle: !(await replacesTitles()) });
};
