import {
  type ArchiveTexts,
  type BatchItem,
  HitagiError,
  isHitagiError,
  type Namespace,
} from "@hitagi/contract";
import type { Logger } from "pino";
import type { Library } from "../../library/types.ts";
import type { ArchiveRecord, BatchStore } from "../../store/types.ts";
import type { AddressReaders } from "../addresses/readers.ts";
import { readerOfSources } from "../addresses/sources.ts";
import { type Step, startChain } from "../chain/chain-run.ts";
import type { ReadSteps } from "../chain/steps.ts";
import type { ActivePlugin, ActivePlugins, Batches, BatchRequest, UseRequest } from "../types.ts";
import { type EditArchive, replayed } from "./archive-edits.ts";
import { createBatchUndo } from "./batch-undo.ts";
import { cooldownOf } from "./cooldown.ts";
import { merged } from "./results.ts";
import { existing, type Use } from "./use.ts";

/** Archives that are processed at once: enough that a plugin's process never waits for the store. */
const PARALLEL = 8;

export interface BatchDeps {
  active: Pick<ActivePlugins, "get" | "list">;
  library: Pick<Library, "get" | "list">;
  readSteps: ReadSteps;
  readers: Pick<AddressReaders, "all" | "of">;
  store: BatchStore;
  use: Use;
  edit: EditArchive;
  log: Pick<Logger, "error">;
  /** Whether enabled plugins replace titles; they do where absent. */
  replacesTitles?: (() => Promise<boolean>) | undefined;
}

/** Processes items in parallel. After a failure no further item begins, and it is thrown when all others have ended. */
const forEachInParallel = async <T>(
  items: readonly T[],
  parallel: number,
  work: (one: T) => Promise<void>,
) => {
  const left = items.values();
  let failed = false;
  const worker = async (): Promise<void> => {
    for (const one of left) {
      if (failed) return;
      await work(one).catch((error: unknown) => {
        failed = true;
        throw error;
      });
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: parallel }, worker));
  for (const end of ends) if (end.status === "rejected") throw end.reason;
};

/** Failures that every other archive would meet too. */
const isFatal = (error: unknown): boolean =>
  isHitagiError(error, "PLUGIN_NOT_FOUND", "PLUGIN_QUARANTINED", "PLUGIN_BROKEN", "RUNTIME_UNAVAILABLE") ||
  isHitagiError(error, "PLUGIN_CALLS_CRASHED") ||
  isHitagiError(error, "STORE_FAILED", "STORE_LOCKED", "DISK_FULL", "STOPPING") ||
  isHitagiError(error, "TAG_TABLE_UNUSABLE", "DOCUMENT_INVALID") ||
  isHitagiError(error, "LIBRARY_UNREACHABLE", "LIBRARY_KEY_REFUSED");

const outcomeOf = ({ before, errors, skipped = [] }: BatchItem, steps: number): BatchItem["outcome"] => {
  if (before !== null) return "changed";
  if (errors.length > 0) return "failed";
  return skipped.length > 0 && skipped.length >= steps ? "skipped" : "unchanged";
};

/** A run of plugins on one archive. */
interface ItemRequest extends Omit<UseRequest, "namespace"> {
  archive: string;
  /** Whether its title stays; see ApplyDeps.replacesTitles. */
  keepTitle: boolean;
}

type Skip = Omit<NonNullable<BatchItem["skipped"]>[number], "plugin">;

/** What runs on one archive, or why nothing does. */
interface ItemPlan {
  steps: readonly Step[];
  /** The argument of its plugins, if it is not that of the batch. */
  arg?: string;
  skipped?: Skip;
}

/** What a batch runs. */
interface Plan {
  /** All plugins that may run. */
  plugins: readonly ActivePlugin[];
  /** @throws HitagiError ARCHIVE_NOT_FOUND */
  ofArchive(id: string): Promise<ItemPlan>;
}

/** What a run does to one archive. */
const createItemRun = ({
  store,
  library,
  use,
  edit,
  log,
}: Pick<BatchDeps, "store" | "library" | "use" | "edit" | "log">) => {
  const errorOf = (plugin: string, archive: string, error: unknown): BatchItem["errors"][number] => {
    if (isHitagiError(error)) return { plugin, code: error.code, message: error.message };
    log.error({ plugin, archive, err: error }, "a plugin could not be run in a batch");
    return { plugin, code: "INTERNAL", message: "It could not be run; the server's log says why." };
  };

  /** Stores what will be written before it is written, so that a batch that is killed in between can be undone. */
  const apply = async (
    job: number,
    item: BatchItem,
    request: ItemRequest & Pick<UseRequest, "namespace">,
  ) => {
    const { permit, found } = await use(request);
    if (permit === undefined) return found;
    const write = (now: ArchiveTexts, file: string): ArchiveTexts => {
      const { findings, heldBack } = permit({ ...now, file }, request.keepTitle);
      if (heldBack.length > 0) item.heldBack = [...(item.heldBack ?? []), ...heldBack];
      return merged(now, findings);
    };
    await edit(request.archive, write, {
      before: async ({ from, to }) => {
        item.before ??= from;
        item.after = to;
        await store.put(job, item);
      },
      durability: "relaxed",
    });
    return found;
  };

  /** Completes the write of a run that was killed. */
  const resume = async (job: number, archive: string): Promise<BatchItem> => {
    const stored = await store.get(job, archive);
    if (!stored?.before || !stored.after) {
      return { archive, outcome: "pending", before: null, after: null, errors: [] };
    }
    const change = { from: stored.before, to: stored.after };
    await edit(archive, (now) => replayed(now, change), { durability: "relaxed" });
    const { heldBack: _held, skipped: _skipped, ...item } = stored;
    return { ...item, errors: [] };
  };

  return async (job: number, planFor: Plan["ofArchive"], request: ItemRequest): Promise<void> => {
    const { archive, signal } = request;
    const item = await resume(job, archive);
    const {
      steps,
      skipped,
      arg = request.arg,
    } = await planFor(archive).catch((error: unknown): ItemPlan => {
      if (!isHitagiError(error, "ARCHIVE_NOT_FOUND")) throw error;
      item.errors.push({ plugin: null, code: error.code, message: error.message });
      return { steps: [] };
    });
    const skip = (plugin: Namespace | null, reason: Skip) => {
      item.skipped = [...(item.skipped ?? []), { plugin, ...reason }];
    };
    if (skipped) skip(null, skipped);
    const chain = startChain();
    for (const step of steps) {
      const { namespace } = step.plugin;
      try {
        const reason = await chain.skips(step, () => library.get(archive));
        if (reason) skip(namespace, reason);
        else chain.ran(step, await apply(job, item, { ...request, arg, namespace }));
      } catch (error) {
        if (signal?.aborted) throw new HitagiError("PLUGIN_CANCELLED", {}, { cause: error });
        if (isFatal(error)) throw error;
        item.errors.push(errorOf(namespace, archive, error));
      }
    }
    await store.put(job, { ...item, outcome: outcomeOf(item, steps.length) });
  };
};

const always = (plugin: ActivePlugin): Step => ({ plugin, when: {}, endsOnHit: false });

/** The plugin that reads a source of the archive, with the address as its argument. */
const sourcePlan = async (readers: Pick<AddressReaders, "of">, archive: ArchiveRecord): Promise<ItemPlan> => {
  const found = await readerOfSources(readers, archive);
  if (found.plugin) return { steps: [always(found.plugin)], arg: found.address };
  const skipped: Skip =
    found.unknown === undefined
      ? { code: "no-source", text: "it has no source: tag" }
      : { code: "unknown-source", text: `no plugin reads its source ${found.unknown}` };
  return { steps: [], skipped };
};

/** Metadata plugins over many archives, with a report of each archive, so that a batch can be undone. */
export const createBatches = (deps: BatchDeps): Batches => {
  const { active, library, readSteps, readers, store, replacesTitles = async () => true } = deps;
  const runItem = createItemRun(deps);

  /** @throws HitagiError PLUGIN_NOT_FOUND, PLUGIN_NOT_METADATA */
  const namedPlugin = (namespace: Namespace): ActivePlugin => {
    const found = existing(active, namespace);
    if (found.manifest.type === "metadata") return found;
    throw new HitagiError("PLUGIN_NOT_METADATA", { namespace: found.namespace });
  };

  const planOf = async ({ plugin, bySource }: BatchRequest): Promise<Plan> => {
    if (bySource) {
      return { plugins: readers.all(), ofArchive: async (id) => sourcePlan(readers, await library.get(id)) };
    }
    const steps = plugin === undefined ? await readSteps() : [always(namedPlugin(plugin))];
    return { plugins: steps.map((step) => step.plugin), ofArchive: async () => ({ steps }) };
  };

  return {
    check: ({ plugin }) => void (plugin && namedPlugin(plugin)),
    async run(job, request, { onProgress, ...progress } = {}) {
      const { plugins, ofArchive } = await planOf(request);
      const all = request.archives ?? (await library.list()).map(({ id }) => id);
      const ended = new Set(await store.ended(job));
      const left = [...new Set(all)].filter((id) => !ended.has(id));
      const total = ended.size + left.length;
      let done = ended.size;
      onProgress?.(done, total);
      const keepTitle = request.plugin === undefined && !request.bySource && !(await replacesTitles());
      // Waiting calls of a plugin with a cooldown would delay its other callers.
      const hasCooldown = plugins.some(({ manifest }) => cooldownOf(manifest) > 0);
      await forEachInParallel(left, hasCooldown ? 1 : PARALLEL, async (archive) => {
        progress.signal?.throwIfAborted();
        await runItem(job, ofArchive, { archive, arg: request.arg, keepTitle, ...progress });
        onProgress?.(++done, total);
      });
      return store.counts(job);
    },
    undo: createBatchUndo(store, deps.edit),
    async report(batch, outcome, page, size) {
      const counts = await store.counts(batch);
      return { counts, page, size, ...(await store.list(batch, { outcome }, page, size)) };
    },
  };
};
