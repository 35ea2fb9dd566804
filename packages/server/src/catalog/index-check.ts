import { isHitagiError } from "@hitagi/contract";
import type { ReadIndex } from "../store/types.ts";
import {
  type CheckedDetails,
  type DetailsParts,
  examineDetails,
  splitDetails as split,
} from "./details-examine.ts";
import { skippedFields } from "./index-entry.ts";
import {
  type Before,
  type CheckedIndex,
  checkLeniently,
  checkStrictly,
  type IndexSummary,
  summarizeIndex,
} from "./index-examine.ts";
import { runInWorker } from "./index-worker-client.ts";

/** Bytes of an index that the main thread checks in a few milliseconds. A larger one goes to a worker thread. */
const MAX_INLINE = 128 * 1024;

const bytesIn = (pieces: readonly Buffer[]): number => pieces.reduce((sum, { length }) => sum + length, 0);

const isSmall = (bytes: Buffer, before?: Before): boolean =>
  bytes.length + bytesIn(before?.seen ?? []) + bytesIn(before?.unsigned ?? []) <= MAX_INLINE;

/**
 * Checks a registry.json strictly by LANraragi's rules of version 1: existing times, no duplicate key, text where text
 * belongs. A byte-order mark is accepted. A worker thread takes over the bytes of a large index.
 * @param before adds the versions of the index to those that were seen before
 * @throws HitagiError INDEX_INVALID with the JSON pointer and the reason of the first issue
 */
export const checkIndex = async (bytes: Buffer, before?: Before): Promise<CheckedIndex> =>
  isSmall(bytes, before) ? checkStrictly(bytes, before) : runInWorker("strict", bytes, before);

/**
 * Checks a registry.json by the same rules, and skips the plugins and versions that break them.
 * @throws HitagiError INDEX_INVALID for an issue around the plugins, or where far too many entries are bad
 */
export const checkIndexLeniently = async (bytes: Buffer, before?: Before): Promise<CheckedIndex> =>
  isSmall(bytes, before) ? checkLeniently(bytes, before) : runInWorker("lenient", bytes, before);

/** Reads registry.details.json. The bytes stay as they are. */
export const checkDetails = async (bytes: Buffer): Promise<CheckedDetails> =>
  isSmall(bytes) ? examineDetails(bytes) : runInWorker("details", Buffer.from(bytes));

/** Splits registry.details.json into the details of its plugins. The bytes stay as they are. */
export const splitDetails = async (bytes: Buffer): Promise<DetailsParts> =>
  isSmall(bytes) ? split(bytes) : runInWorker("parts", Buffer.from(bytes));

/** Counts the issues of a registry.json, and the plugins that can be used in spite of them. */
export const summarize = async (bytes: Buffer): Promise<IndexSummary> =>
  isSmall(bytes) ? summarizeIndex(bytes) : runInWorker("summary", bytes);

/**
 * Reads a registry.json that another program put into the store. LANraragi checks less than this catalog does, so
 * entries that break the rules are skipped.
 */
export const readCachedIndex: ReadIndex = async (bytes) => {
  try {
    const { document, generated_at, rows, skipped } = await checkIndexLeniently(Buffer.from(bytes));
    return { document, rows, meta: { generated_at, plugins: rows.length, ...skippedFields(skipped) } };
  } catch (error) {
    if (isHitagiError(error, "INDEX_INVALID")) return undefined;
    throw error;
  }
};
