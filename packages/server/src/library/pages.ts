import type { ArchiveEntry } from "./types.ts";
import { isPage } from "./zip-names.ts";

/** Sorts `2.jpg` before `10.jpg`, as LANraragi does. */
const byName = new Intl.Collator("en", { numeric: true });

/** For names with numbers of so many digits that the other one compares them for seconds. */
const byText = new Intl.Collator("en");
/** It begins at the first digit only, so that shorter numbers are not read again from each of their digits. */
const LONG_NUMBER = /(?<!\p{Nd})\p{Nd}{64}/u;

/** The names of an archive's pages in the order in which they are read. The first one is its cover. */
export const pagesIn = (entries: readonly ArchiveEntry[]): string[] => {
  const names = entries.map(({ name }) => name).filter(isPage);
  const { compare } = names.some((name) => LONG_NUMBER.test(name)) ? byText : byName;
  return names.sort(compare);
};

/** The largest unpacked page in bytes; it is in memory while it is sent or drawn. */
export const MAX_PAGE = 64 * 1024 * 1024;
