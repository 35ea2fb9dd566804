import { setTimeout as pause } from "node:timers/promises";
import { HitagiError, isHitagiError, LAST_EPOCH, type Namespace } from "@hitagi/contract";
import type { Library } from "../../library/types.ts";
import type { ArchiveRecord } from "../../store/types.ts";
import type { AddressReaders } from "../addresses/readers.ts";
import { readableFirst, readerOfSources } from "../addresses/sources.ts";
import type { Step } from "../chain/chain-run.ts";
import type { ReadSteps } from "../chain/steps.ts";
import { createTrySteps } from "../chain/trial.ts";
import { enabledMetadata } from "../registry/active.ts";
import type { ActivePlugin, ActivePlugins, Batches, BatchRequest } from "../types.ts";
import { createBackOff, pausesIn, SLOW } from "./back-off.ts";
import { createBatchFailures } from "./batch-failures.ts";
import { createItemRun, type ItemPlan, type ItemRequest, type ItemRunDeps } from "./batch-item.ts";
import { previewBatch } from "./batch-preview.ts";
import { createBatchUndo } from "./batch-undo.ts";
import { cooldownOf } from "./cooldown.ts";
import { createTagRulesPreview, createTagRulesRun, type TagRulesBatchDeps } from "./tag-rules-batch.ts";
import { existing } from "./use.ts";

/** Archives that are processed at once: enough that a plugin's process never waits for the store. */
const PARALLEL = 8;

const epochNow = (): number => Date.now() / 1000;

export interface BatchDeps extends ItemRunDeps, Pick<TagRulesBatchDeps, "policy"> {
  active: Pick<ActivePlugins, "get" | "list">;
  library: Pick<Library, "get" | "ids" | "list">;
  readSteps: ReadSteps;
  readers: Pick<AddressReaders, "all" | "of">;
  /** Whether enabled plugins replace titles; they do where absent. */
  replacesTitles?: (() => Promise<boolean>) | undefined;
  /** Epoch seconds. */
  now?: () => number;
  sleep?: (ms: number, signal: AbortSignal | undefined) => Promise<void>;
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

/** The plugins of a batch that runs plugins. */
interface PluginPlan {
  /** All that may run. */
  plugins: readonly ActivePlugin[];
  planFor(archive: string): Promise<ItemPlan>;
}

/** What a batch runs. */
interface Plan {
  /** All plugins that may run. */
  plugins: readonly ActivePlugin[];
  /** @returns the plugins that are still to run on the archive, because they pause */
  run(item: ItemRequest): Promise<readonly Namespace[]>;
}

const always = (plugin: ActivePlugin): Step => ({ plugin, when: {}, endsOnHit: false });

/** The plugin that reads a source of the archive, with the address as its argument. */
const sourcePlan = async (readers: Pick<AddressReaders, "of">, archive: ArchiveRecord): Promise<ItemPlan> => {
  const found = await readerOfSources(readers, archive);
  if (found.plugin) return { steps: [always(found.plugin)], arg: found.address };
  const skipped: ItemPlan["skipped"] =
    found.unknown === undefined
      ? { code: "no-source", text: "it has no source: tag" }
      : { code: "unknown-source", text: `no plugin reads its source ${found.unknown}` };
  return { steps: [], skipped };
};

/** An archive, if it is in the library. */
const recordOf = async (library: BatchDeps["library"], id: string): Promise<ArchiveRecord | undefined> => {
  try {
    return await library.get(id);
  } catch (error) {
    if (isHitagiError(error, "ARCHIVE_NOT_FOUND")) return undefined;
    throw error;
  }
};

/** Archives up to which each is read by itself, and not with the list of all. */
const FEW = 20;

/** Archives by their ids, those that are asked for among them if they are in the library. */
const recordsOf = async (
  library: BatchDeps["library"],
  ids: readonly string[],
): Promise<Map<string, ArchiveRecord>> => {
  const few = await Promise.all(ids.length > FEW ? [] : ids.map((id) => recordOf(library, id)));
  const found = ids.length > FEW ? await library.list() : few;
  return new Map(found.flatMap((record) => (record === undefined ? [] : [[record.id, record]])));
};

/** Metadata plugins over many archives, with a report of each archive, so that a batch can be undone. */
export const createBatches = (deps: BatchDeps): Batches => {
  const { active, library, readSteps, readers, store, replacesTitles = async () => true } = deps;
  const { now = epochNow, sleep = (ms, signal) => pause(ms, undefined, signal && { signal }) } = deps;
  const runItem = createItemRun(deps);
  const runTagRules = createTagRulesRun(deps);
  const trySteps = createTrySteps(deps);

  /** @throws HitagiError PLUGIN_NOT_FOUND, PLUGIN_NOT_METADATA */
  const namedPlugin = (namespace: Namespace): ActivePlugin => {
    const found = existing(active, namespace);
    if (found.manifest.type === "metadata") return found;
    throw new HitagiError("PLUGIN_NOT_METADATA", { namespace: found.namespace });
  };

  const check: Batches["check"] = ({ plugin, bySource, tagRules, arg }) => {
    if (tagRules) return;
    if (bySource && (plugin !== undefined || arg !== undefined)) {
      throw new HitagiError("VALIDATION_FAILED", { reason: "by_source chooses the plugin and its argument" });
    }
    if (plugin !== undefined) namedPlugin(plugin);
    else if (!bySource && enabledMetadata(active).length === 0) throw new HitagiError("NOTHING_ENABLED");
  };

  const pluginsOf = async ({ plugin, bySource }: BatchRequest): Promise<PluginPlan> => {
    if (bySource)
      return {
        plugins: readers.all(),
        planFor: async (id) => sourcePlan(readers, await library.get(id)),
      };
    const steps = plugin === undefined ? await readSteps() : [always(namedPlugin(plugin))];
    return { plugins: steps.map((step) => step.plugin), planFor: async () => ({ steps }) };
  };

  const planOf = async (request: BatchRequest): Promise<Plan> => {
    check(request);
    if (request.tagRules) return { plugins: [], run: runTagRules };
    const { plugins, planFor } = await pluginsOf(request);
    return { plugins, run: (item) => runItem(planFor, item) };
  };

  /** The first archives of a batch, and their number in all. No records are kept while plugins run. */
  const firstOf = async ({ archives, bySource }: BatchRequest, size: number) => {
    const ids = archives ?? (await library.ids({}));
    const all = bySource ? await readableFirst(readers, ids, await recordsOf(library, ids)) : ids;
    return { total: all.length, first: all.slice(0, size) };
  };

  const keepsTitle = async ({ plugin, bySource }: BatchRequest): Promise<boolean> =>
    plugin === undefined && !bySource && !(await replacesTitles());

  return {
    check,
    async run(job, request, given = {}) {
      const { onProgress, checkpoint, keep = async () => {}, isPaused = () => false, ...progress } = given;
      const { plugins, run } = await planOf(request);
      const ended = new Set(await store.ended(job));
      let left = [...new Set(request.archives ?? (await library.ids({})))].filter((id) => !ended.has(id));
      const total = ended.size + left.length;
      let done = ended.size;
      onProgress?.(done, total);
      const item = {
        ...{ arg: request.arg, now, ...progress, job },
        backOff: createBackOff({ checkpoint, keep, now, sleep }),
        isNamed: request.archives !== undefined,
        keepTitle: await keepsTitle(request),
      };
      // Waiting calls of a plugin with a cooldown would delay its other callers.
      const hasCooldown = plugins.some(({ manifest }) => cooldownOf(manifest) > 0);
      for (;;) {
        const paused = new Set<Namespace>();
        const again: string[] = [];
        await forEachInParallel(left, hasCooldown ? 1 : PARALLEL, async (archive) => {
          progress.signal?.throwIfAborted();
          if (isPaused()) return void again.push(archive);
          const waiting = await run({ ...item, archive, record: await recordOf(library, archive) });
          for (const plugin of waiting) paused.add(plugin);
          if (waiting.length > 0) again.push(archive);
          else onProgress?.(++done, total);
        });
        if (again.length === 0) return store.counts(job);
        if (isPaused() || paused.size === 0) return { until: undefined };
        const until = item.backOff.firstEnd(paused);
        if (until > now() + SLOW) return { until: Math.min(until, LAST_EPOCH) };
        left = again;
      }
    },
    async preview(request, size, options = {}) {
      check(request);
      const chosen = await firstOf(request, size);
      const planned = { ...chosen, arg: request.arg, keepTitle: await keepsTitle(request) };
      return previewBatch(trySteps, { ...planned, ...(await pluginsOf(request)) }, options);
    },
    undo: createBatchUndo(store, deps.edit),
    previewTagRules: createTagRulesPreview(deps),
    counts: store.counts,
    failures: createBatchFailures(store),
    async report(batch, outcome, page, size) {
      const counts = await store.counts(batch);
      return { counts, page, size, ...(await store.list(batch, { outcome }, page, size)) };
    },
    pauses: (checkpoint) => pausesIn(checkpoint, now()),
  };
};
