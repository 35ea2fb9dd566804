import { HitagiError } from "@hitagi/contract";
import { eachPart } from "../async/each-part.ts";
import { LONG_NAME, MAX_NAME } from "./containers/types.ts";
import { isSafeName } from "./zip-names.ts";

/** Names that are decoded before other work gets its turn: at most 400 KB. */
const PART = 100;

/**
 * The files among an archive's entries by name, in its order: without unsafe names, and each name once.
 * @throws HitagiError ARCHIVE_BROKEN where a name is too long
 */
export const filesByName = async <T>(
  entries: readonly T[],
  nameOf: (entry: T) => string,
): Promise<Map<string, T>> => {
  const files = new Map<string, T>();
  await eachPart(entries.length, PART, (from, to) => {
    for (const entry of entries.slice(from, to)) {
      const name = nameOf(entry);
      // In UTF-8 it has at least as many bytes.
      if (name.length > MAX_NAME) throw new HitagiError("ARCHIVE_BROKEN", { reason: LONG_NAME });
      if (isSafeName(name) && !files.has(name)) files.set(name, entry);
    }
  });
  return files;
};
