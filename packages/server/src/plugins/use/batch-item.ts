import {
  type ArchiveTexts,
  type BatchItem,
  HitagiError,
  isHitagiError,
  type Namespace,
  type TriedArchive,
} from "@hitagi/contract";
import type { Logger } from "pino";
import type { Library } from "../../library/types.ts";
import type { ArchiveRecord, BatchStore } from "../../store/types.ts";
import { type ChainRun, type Step, startChain } from "../chain/chain-run.ts";
import type { UseRequest } from "../types.ts";
import { type EditArchive, replayed } from "./archive-edits.ts";
import type { BackOff } from "./back-off.ts";
import { createRefusalWatch, type Refusal } from "./refusals.ts";
import { merged } from "./results.ts";
import type { Use } from "./use.ts";

export interface ItemRunDeps {
  store: BatchStore;
  library: Pick<Library, "get">;
  use: Use;
  edit: EditArchive;
  log: Pick<Logger, "error">;
}

type Skip = NonNullable<BatchItem["skipped"]>[number];

/** What runs on one archive, or why nothing does. */
export interface ItemPlan {
  steps: readonly Step[];
  /** The argument of its plugins, if it is not that of the batch. */
  arg?: string;
  skipped?: NonNullable<TriedArchive["skipped"]>;
}

/** A run of plugins on one archive. */
export interface ItemRequest extends Omit<UseRequest, "namespace" | "archive"> {
  job: number;
  archive: string;
  /** The archive, if it is in the library's list. */
  record: ArchiveRecord | undefined;
  /** Whether the batch names the archive itself, so that it fails where the archive does not exist. */
  isNamed: boolean;
  /** Whether its title stays; see ApplyDeps.replacesTitles. */
  keepTitle: boolean;
  backOff: BackOff;
  /** Epoch seconds. */
  now: () => number;
}

/** What the plugins that ran did to an archive. */
interface Progress {
  item: BatchItem;
  chain: ChainRun;
  ran: number;
  found: boolean;
}

const skip = (item: BatchItem, reason: Skip): void => {
  item.skipped = [...(item.skipped ?? []), reason];
};

/** Failures that every other archive would meet too. */
const isFatal = (error: unknown): boolean =>
  isHitagiError(error, "PLUGIN_NOT_FOUND", "PLUGIN_QUARANTINED", "PLUGIN_BROKEN", "RUNTIME_UNAVAILABLE") ||
  isHitagiError(error, "PLUGIN_CALLS_CRASHED") ||
  isHitagiError(error, "STORE_FAILED", "STORE_LOCKED", "DISK_FULL", "STOPPING") ||
  isHitagiError(error, "TAG_TABLE_UNUSABLE", "DOCUMENT_INVALID") ||
  isHitagiError(error, "LIBRARY_UNREACHABLE", "LIBRARY_KEY_REFUSED");

const outcomeOf = ({ item, ran, found }: Progress): BatchItem["outcome"] => {
  if (item.errors.length > 0) return "failed";
  if (item.before !== null) return "changed";
  if (item.heldBack && item.heldBack.length > 0) return "held_back";
  if (found) return "unchanged";
  return ran > 0 ? "nothing_found" : "skipped";
};

/** Runs plugins on one archive of a batch. */
export const createItemRun = ({ store, library, use, edit, log }: ItemRunDeps) => {
  const errorOf = (plugin: string, archive: string, error: unknown): BatchItem["errors"][number] => {
    if (isHitagiError(error)) return { plugin, code: error.code, message: error.message };
    log.error({ plugin, archive, err: error }, "a plugin could not be run in a batch");
    return { plugin, code: "INTERNAL", message: "It could not be run; the server's log says why." };
  };

  /** Stores what will be written before it is written, so that a batch that is killed in between can be undone. */
  const write = async (progress: Progress, request: ItemRequest & Pick<UseRequest, "namespace">) => {
    const { item } = progress;
    const { permit, found } = await use(request);
    progress.found ||= found;
    if (permit === undefined) return found;
    const change = (now: ArchiveTexts, file: string): ArchiveTexts => {
      const { findings, heldBack } = permit({ ...now, file }, request.keepTitle);
      if (heldBack.length > 0) item.heldBack = [...(item.heldBack ?? []), ...heldBack];
      return merged(now, findings);
    };
    await edit(request.archive, change, {
      before: async ({ from, to }) => {
        item.before ??= from;
        item.after = to;
        await store.put(request.job, item);
      },
      durability: "relaxed",
    });
    return found;
  };

  /** Calls a plugin once. @returns the refusal, if a later call may work; `gone` if the archive is gone since the batch began */
  const attempt = async (
    progress: Progress,
    step: Step,
    request: ItemRequest,
  ): Promise<Refusal | "gone" | undefined> => {
    const { namespace } = step.plugin;
    const watch = createRefusalWatch(step.plugin);
    try {
      const found = await write(progress, { ...request, ...watch.observer, namespace });
      const refusal = found ? undefined : watch.afterNothing();
      if (!refusal) progress.chain.ran(step, found);
      return refusal;
    } catch (error) {
      const { archive, signal } = request;
      if (signal?.aborted) throw new HitagiError("PLUGIN_CANCELLED", {}, { cause: error });
      if (isFatal(error)) throw error;
      const refusal = watch.afterFailure(error);
      if (isHitagiError(error, "ARCHIVE_NOT_FOUND") && !request.isNamed) return "gone";
      if (!refusal) progress.item.errors.push(errorOf(namespace, archive, error));
      return refusal;
    }
  };

  /** Calls the plugin of a step until it has an answer. @returns false if it pauses */
  const runStep = async (progress: Progress, step: Step, request: ItemRequest): Promise<boolean> => {
    const { archive, backOff, now, signal } = request;
    const { namespace } = step.plugin;
    const reason = await progress.chain.skips(step, () => library.get(archive));
    if (reason) {
      skip(progress.item, { plugin: namespace, ...reason });
      return true;
    }
    while (await backOff.mayCall(namespace, signal)) {
      const begun = now();
      const refusal = await attempt(progress, step, request);
      if (refusal === "gone") return true;
      if (refusal === undefined) await backOff.worked(namespace);
      else if (await backOff.refused(namespace, archive, refusal, begun)) {
        const error = new HitagiError("PLUGIN_LIMITED", { namespace, reason: refusal.reason });
        progress.item.errors.push(errorOf(namespace, archive, error));
      } else continue;
      progress.ran++;
      return true;
    }
    return false;
  };

  /** What an earlier run left, with the write of a run that was killed completed. */
  const resume = async ({ job, archive, record }: ItemRequest): Promise<BatchItem> => {
    const stored = await store.get(job, archive);
    if (!stored) {
      const described = record && { file: record.file, title: record.title };
      return { archive, ...described, outcome: "pending", before: null, after: null, errors: [] };
    }
    if (stored.before && stored.after) {
      const change = { from: stored.before, to: stored.after };
      await edit(archive, (now) => replayed(now, change), { durability: "relaxed" }).catch(
        (error: unknown) => {
          if (!isHitagiError(error, "ARCHIVE_NOT_FOUND")) throw error;
        },
      );
    }
    if (stored.waiting) return stored;
    const { heldBack: _held, skipped: _skipped, ...item } = stored;
    return { ...item, errors: [] };
  };

  /** The plan of an archive. One that does not exist has none, which is a failure where the batch names it. */
  const planned = async (
    planFor: (id: string) => Promise<ItemPlan>,
    item: BatchItem,
    { archive, isNamed }: ItemRequest,
  ): Promise<ItemPlan> => {
    try {
      return await planFor(archive);
    } catch (error) {
      if (!isHitagiError(error, "ARCHIVE_NOT_FOUND")) throw error;
      if (isNamed) item.errors.push({ plugin: null, code: error.code, message: error.message });
      return { steps: [] };
    }
  };

  /** @returns the plugins that are still to run, because they pause */
  return async (
    planFor: (id: string) => Promise<ItemPlan>,
    request: ItemRequest,
  ): Promise<readonly Namespace[]> => {
    const { waiting, ...item } = await resume(request);
    const { steps, skipped, arg = request.arg } = await planned(planFor, item, request);
    const left = waiting ? steps.filter(({ plugin }) => waiting.includes(plugin.namespace)) : steps;
    const names = left.map(({ plugin }) => plugin.namespace);
    // Nothing is stored of an archive that no plugin is called on.
    if (names.length > 0 && names.every(request.backOff.isPaused)) return names;
    if (skipped) skip(item, { plugin: null, ...skipped });
    const progress: Progress = { item, chain: startChain(), ran: steps.length - left.length, found: false };
    const paused: Namespace[] = [];
    for (const step of left) {
      if (!(await runStep(progress, step, { ...request, arg }))) paused.push(step.plugin.namespace);
    }
    await store.put(
      request.job,
      paused.length > 0
        ? { ...item, outcome: "pending", waiting: paused }
        : { ...item, outcome: outcomeOf(progress) },
    );
    return paused;
  };
};
