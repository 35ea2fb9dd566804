import type { SkippedEntry } from "@hitagi/contract";
import type { IndexMeta } from "../types.ts";

/** What was left out of a cached index, from its columns; no fields where that is nothing. */
export const skippedOf = (
  list: string | null,
  count: number | null,
): Pick<IndexMeta, "skipped" | "skippedCount"> =>
  list !== null && count ? { skipped: JSON.parse(list) as SkippedEntry[], skippedCount: count } : {};
