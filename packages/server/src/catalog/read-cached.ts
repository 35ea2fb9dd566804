import { isHitagiError } from "@hitagi/contract";
import type { ReadIndex } from "../store/types.ts";
import { checkIndexLeniently } from "./index-check.ts";

/**
 * Reads a registry.json that another program put into the store. LANraragi checks less than this catalog does; what it
 * let through and cannot be used is left out here, as it is of a lenient registry.
 */
export const readCachedIndex: ReadIndex = async (bytes) => {
  try {
    const { document, generated_at, rows, skipped } = await checkIndexLeniently(bytes);
    const left = skipped.count > 0 ? { skipped: skipped.list, skippedCount: skipped.count } : {};
    return { document, rows, meta: { generated_at, plugins: rows.length, ...left } };
  } catch (error) {
    if (isHitagiError(error, "INDEX_INVALID")) return undefined;
    throw error;
  }
};
