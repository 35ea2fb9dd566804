import type { BatchFailure, BatchItem } from "@hitagi/contract";
import type { BatchStore } from "../../store/types.ts";
import type { Batches } from "../types.ts";

/** Archives that are read from the store at once. */
const PAGE = 200;
/** Paths that a group names. */
const NAMED = 3;

/** A message without what differs from archive to archive: ids, and quoted names. */
const reasonOf = (message: string): string =>
  message.replace(/\b[0-9a-f]{40}\b/g, "…").replace(/"[^"]*"|'[^']*'/g, "…");

/** Reads what a batch failed on; see Batches.failures. */
export const createBatchFailures = (store: BatchStore): Batches["failures"] => {
  const failedItems = async function* (batch: number): AsyncIterable<BatchItem> {
    for (let page = 1; ; page++) {
      const { items } = await store.list(batch, { outcome: "failed" }, page, PAGE);
      yield* items;
      if (items.length < PAGE) return;
    }
  };

  return async (batch) => {
    const archives: string[] = [];
    const groups = new Map<string, BatchFailure>();
    for await (const { archive, file, errors } of failedItems(batch)) {
      archives.push(archive);
      for (const { plugin, code, message } of errors) {
        const key = JSON.stringify([plugin, code, reasonOf(message)]);
        const group = groups.get(key) ?? { plugin, code, message, count: 0, archives: [] };
        groups.set(key, group);
        group.count++;
        if (group.archives.length < NAMED) group.archives.push(file ?? archive);
      }
    }
    return { archives, groups: [...groups.values()].sort((a, b) => b.count - a.count) };
  };
};
