import { type BatchItem, HitagiError, isHitagiError } from "@hitagi/contract";
import type { BatchStore } from "../../store/types.ts";
import type { Batches } from "../types.ts";
import { type EditArchive, overtakenFields, replayed } from "./archive-edits.ts";

/** Archives that are read from the store at once. */
const PAGE = 200;

/** Undoes what a batch wrote; see Batches.undo. */
export const createBatchUndo = (store: BatchStore, edit: EditArchive): Batches["undo"] => {
  /** @returns whether the archive is as it was before the batch */
  const undoItem = async (batch: number, item: BatchItem, undo: number | undefined): Promise<boolean> => {
    const { archive, before, after } = item;
    if (!before || !after) return false;
    const change = { from: after, to: before };
    const noted = (job: number | undefined) => job !== undefined && { undo: job };
    // An error without a plugin is of an earlier undo: the archive may exist again.
    const errors = item.errors.filter(({ plugin }) => plugin !== null);
    const keep = (error: HitagiError): Promise<void> => {
      const { code, message } = error;
      return store.put(batch, {
        ...item,
        ...noted(item.undo ?? undo),
        outcome: "kept",
        errors: [...errors, { plugin: null, code, message }],
      });
    };
    let overtaken: string[] = [];
    try {
      await edit(
        archive,
        (now) => {
          overtaken = overtakenFields(now, change);
          return replayed(now, change);
        },
        { durability: "relaxed" },
      );
    } catch (error) {
      if (!isHitagiError(error, "ARCHIVE_NOT_FOUND")) throw error;
      await keep(error);
      return false;
    }
    if (overtaken.length > 0) {
      await keep(new HitagiError("ARCHIVE_CHANGED_SINCE", { fields: overtaken.join(" and ") }));
      return false;
    }
    await store.put(batch, { ...item, ...noted(undo), errors, outcome: "undone" });
    return true;
  };

  /**
   * Yields what an earlier undo kept, because the batch that overtook it may be undone by now, and what was changed though a
   * plugin failed; then everything else that the batch wrote or was about to write. What is undone leaves the lists: those of the
   * first two are read from the last page to the first, the others always from the first page.
   */
  const pages = async function* (
    batch: number,
    { kept, failed }: { kept: number; failed: number },
  ): AsyncIterable<BatchItem[]> {
    for (const [outcome, count] of [
      ["kept", kept],
      ["failed", failed],
    ] as const) {
      for (let page = Math.ceil(count / PAGE); page > 0; page--) {
        const { items } = await store.list(batch, { outcome }, page, PAGE);
        yield items.filter(({ before }) => before !== null);
      }
    }
    for (;;) {
      const changed = await store.list(batch, { outcome: "changed" }, 1, PAGE);
      const pending = await store.list(batch, { outcome: "pending" }, 1, PAGE);
      const items = [...changed.items, ...pending.items].filter(({ before }) => before !== null);
      if (items.length === 0) return;
      yield items;
    }
  };

  return async (batch, { job, signal, onProgress } = {}) => {
    const { changed, kept, failed } = await store.counts(batch);
    let [done, restored] = [0, 0];
    for await (const items of pages(batch, { kept, failed })) {
      for (const item of items) {
        signal?.throwIfAborted();
        if (await undoItem(batch, item, job)) restored++;
        onProgress?.(++done, Math.max(changed + kept, done));
      }
    }
    return { ...(await store.counts(batch)), restored };
  };
};
