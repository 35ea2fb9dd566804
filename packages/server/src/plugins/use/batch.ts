import { type BatchItem, HitagiError, isHitagiError } from "@hitagi/contract";
import type { Logger } from "pino";
import type { Library } from "../../library/types.ts";
import type { BatchStore } from "../../store/types.ts";
import { enabledMetadata } from "../registry/active.ts";
import type {
  ActivePlugin,
  ActivePlugins,
  Batches,
  BatchProgress,
  BatchRequest,
  UseRequest,
} from "../types.ts";
import { type EditArchive, isOvertaken, replayed } from "./archive-edits.ts";
import { merged } from "./results.ts";
import { existing, type Use } from "./use.ts";

/** Archives in work at once: enough that a plugin's process never waits for the store. */
const AT_ONCE = 8;
/** Archives that an undo reads from the store at once. */
const UNDO_PAGE = 200;

export interface BatchDeps {
  active: Pick<ActivePlugins, "get" | "list">;
  library: Pick<Library, "list">;
  store: BatchStore;
  use: Use;
  edit: EditArchive;
  log: Pick<Logger, "error">;
}

/** Takes the next of some work, and the next, several at once, until none is left or one fails. */
const inParallel = async <T>(all: Iterable<T>, atOnce: number, work: (one: T) => Promise<void>) => {
  const left = all[Symbol.iterator]();
  let failed = false;
  const worker = async (): Promise<void> => {
    for (let next = left.next(); !next.done && !failed; next = left.next()) {
      await work(next.value).catch((error: unknown) => {
        failed = true;
        throw error;
      });
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: atOnce }, worker));
  for (const end of ends) if (end.status === "rejected") throw end.reason;
};

/** Failures that every other archive would meet too. */
const stopsAll = (error: unknown): boolean =>
  isHitagiError(error, "PLUGIN_NOT_FOUND", "PLUGIN_QUARANTINED", "PLUGIN_BROKEN", "RUNTIME_UNAVAILABLE") ||
  isHitagiError(error, "STORE_FAILED", "STORE_LOCKED", "DISK_FULL", "STOPPING") ||
  isHitagiError(error, "LIBRARY_UNREACHABLE", "LIBRARY_KEY_REFUSED");

const fresh = (archive: string): BatchItem => ({
  archive,
  outcome: "pending",
  before: null,
  after: null,
  errors: [],
});

const outcomeOf = ({ before, errors }: BatchItem): BatchItem["outcome"] => {
  if (before !== null) return "changed";
  return errors.length > 0 ? "failed" : "unchanged";
};

/** Metadata plugins over many archives, with what they did to each, so that it can be taken back. */
export const createBatches = ({ active, library, store, use, edit, log }: BatchDeps): Batches => {
  /** @throws HitagiError PLUGIN_NOT_FOUND, PLUGIN_NOT_METADATA */
  const pluginsOf = ({ plugin }: BatchRequest): ActivePlugin[] => {
    if (plugin === undefined) return enabledMetadata(active);
    const found = existing(active, plugin);
    if (found.manifest.type === "metadata") return [found];
    throw new HitagiError("PLUGIN_NOT_METADATA", { namespace: found.namespace });
  };

  const knownFailure = (plugin: string, archive: string, error: unknown): BatchItem["errors"][number] => {
    if (isHitagiError(error)) return { plugin, code: error.code, message: error.message };
    log.error({ plugin, archive, err: error }, "a plugin could not be run in a batch");
    return { plugin, code: "INTERNAL", message: "It could not be run; the server's log says why." };
  };

  /** Notes what will be written before it is, so that a batch that is killed in between can be taken back all the same. */
  const apply = async (job: number, item: BatchItem, request: UseRequest & { archive: string }) => {
    const { archive } = request;
    const { findings } = await use(request);
    if (findings === undefined) return;
    await edit(archive, (now) => merged(now, findings), {
      before: async ({ from, to }) => {
        item.before ??= from;
        item.after = to;
        await store.put(job, item);
      },
      durability: "relaxed",
    });
  };

  /** What was noted by a run that was killed is written now, if it was not yet. */
  const takenUp = async (job: number, archive: string): Promise<BatchItem> => {
    const noted = await store.get(job, archive);
    if (!noted?.before || !noted.after) return fresh(archive);
    const change = { from: noted.before, to: noted.after };
    await edit(archive, (now) => replayed(now, change), { durability: "relaxed" });
    return { ...noted, errors: [] };
  };

  const treat = async (
    job: number,
    plugins: ActivePlugin[],
    request: Omit<UseRequest, "namespace"> & { archive: string },
  ) => {
    const { archive, signal } = request;
    const item = await takenUp(job, archive);
    for (const { namespace } of plugins) {
      try {
        await apply(job, item, { ...request, namespace });
      } catch (error) {
        if (signal?.aborted) throw new HitagiError("PLUGIN_CANCELLED", {}, { cause: error });
        if (stopsAll(error)) throw error;
        item.errors.push(knownFailure(namespace, archive, error));
      }
    }
    await store.put(job, { ...item, outcome: outcomeOf(item) });
  };

  const run: Batches["run"] = async (job, request, { signal, onProgress } = {}) => {
    const plugins = pluginsOf(request);
    const all = request.archives ?? (await library.list()).map(({ id }) => id);
    const ended = new Set(await store.ended(job));
    const left = [...new Set(all)].filter((id) => !ended.has(id));
    const total = ended.size + left.length;
    let done = ended.size;
    onProgress?.(done, total);
    // A plugin that asks for rests is not kept busy by waiting calls: others wait for their turns too.
    const rests = plugins.some(({ manifest }) => (manifest.cooldown ?? 0) > 0);
    await inParallel(left, rests ? 1 : AT_ONCE, async (archive) => {
      signal?.throwIfAborted();
      await treat(job, plugins, { archive, arg: request.arg, signal });
      onProgress?.(++done, total);
    });
    return store.counts(job);
  };

  const takeBack = async (batch: number, item: BatchItem): Promise<void> => {
    const { archive, before, after } = item;
    if (!before || !after) return;
    const change = { from: after, to: before };
    // Of an earlier undo: the archive's file may be back.
    const errors = item.errors.filter(({ plugin }) => plugin !== null);
    let overtaken = false;
    try {
      await edit(
        archive,
        (now) => {
          overtaken = isOvertaken(now, change);
          return replayed(now, change);
        },
        { durability: "relaxed" },
      );
      await store.put(batch, { ...item, errors, outcome: overtaken ? "kept" : "undone" });
    } catch (error) {
      if (!isHitagiError(error, "ARCHIVE_NOT_FOUND")) throw error;
      const gone = { plugin: null, code: error.code, message: error.message };
      await store.put(batch, { ...item, outcome: "kept", errors: [...errors, gone] });
    }
  };

  /** Whatever a batch wrote or was about to write; each page is taken back before the next is asked for. */
  const written = async (batch: number): Promise<BatchItem[]> => {
    const pages = await Promise.all(
      (["changed", "pending"] as const).map((outcome) => store.list(batch, { outcome }, 1, UNDO_PAGE)),
    );
    return pages.flatMap(({ items }) => items).filter(({ before }) => before !== null);
  };

  /**
   * What an earlier undo had to keep: where another batch had overtaken it, that one may have been taken back since. From
   * the last page to the first, as what is undone leaves the list.
   */
  const keptBefore = async function* (batch: number, kept: number): AsyncIterable<BatchItem[]> {
    for (let page = Math.ceil(kept / UNDO_PAGE); page > 0; page--) {
      yield (await store.list(batch, { outcome: "kept" }, page, UNDO_PAGE)).items;
    }
  };

  const undo: Batches["undo"] = async (batch, { signal, onProgress }: BatchProgress = {}) => {
    const { changed, kept } = await store.counts(batch);
    let done = 0;
    const takeAllBack = async (items: BatchItem[]): Promise<void> => {
      for (const item of items) {
        signal?.throwIfAborted();
        await takeBack(batch, item);
        onProgress?.(++done, Math.max(changed + kept, done));
      }
    };
    for await (const items of keptBefore(batch, kept)) await takeAllBack(items);
    for (let items = await written(batch); items.length > 0; items = await written(batch)) {
      await takeAllBack(items);
    }
    return store.counts(batch);
  };

  return {
    run,
    undo,
    check: (request) => void pluginsOf(request),
    report: async (batch, outcome, page, size) => {
      const counts = await store.counts(batch);
      return { counts, page, size, ...(await store.list(batch, { outcome }, page, size)) };
    },
  };
};
