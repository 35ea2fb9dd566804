import { type BatchItem, isHitagiError } from "@hitagi/contract";
import type { BatchStore } from "../../store/types.ts";
import type { Batches } from "../types.ts";
import { type EditArchive, isOvertaken, replayed } from "./archive-edits.ts";

/** Archives that are read from the store at once. */
const PAGE = 200;

/** Undoes what a batch wrote; see Batches.undo. */
export const createBatchUndo = (store: BatchStore, edit: EditArchive): Batches["undo"] => {
  const undoItem = async (batch: number, item: BatchItem): Promise<void> => {
    const { archive, before, after } = item;
    if (!before || !after) return;
    const change = { from: after, to: before };
    // An error without a plugin is of an earlier undo: the archive may exist again.
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

  /**
   * Yields what an earlier undo kept, because the batch that overtook it may be undone by now; then everything that the
   * batch wrote or was about to write. What is undone leaves the lists: kept items are read from the last page to the
   * first, the others always from the first page.
   */
  const pages = async function* (batch: number, kept: number): AsyncIterable<BatchItem[]> {
    for (let page = Math.ceil(kept / PAGE); page > 0; page--) {
      yield (await store.list(batch, { outcome: "kept" }, page, PAGE)).items;
    }
    for (;;) {
      const changed = await store.list(batch, { outcome: "changed" }, 1, PAGE);
      const pending = await store.list(batch, { outcome: "pending" }, 1, PAGE);
      const items = [...changed.items, ...pending.items].filter(({ before }) => before !== null);
      if (items.length === 0) return;
      yield items;
    }
  };

  return async (batch, { signal, onProgress } = {}) => {
    const { changed, kept } = await store.counts(batch);
    let done = 0;
    for await (const items of pages(batch, kept)) {
      for (const item of items) {
        signal?.throwIfAborted();
        await undoItem(batch, item);
        onProgress?.(++done, Math.max(changed + kept, done));
      }
    }
    return store.counts(batch);
  };
};
