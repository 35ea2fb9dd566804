import { type ArchiveSort, comparableText } from "@hitagi/contract";
import type { ArchiveRecord } from "../store/types.ts";
import { matching } from "./search.ts";
import { splitTags } from "./tags.ts";

/** Which archives a list has, and in which order. Absent fields change nothing. */
export interface ArchiveSelection {
  /** Words that are all in the title, the tags or the path. */
  q?: string | undefined;
  /** What people name an archive by; see {@link named}. */
  ref?: string | undefined;
  /** Tags that it has all, separated by commas; `artist:` is any tag of that namespace. */
  tag?: string | undefined;
  untagged?: boolean | undefined;
  /** A folder of the library. */
  folder?: string | undefined;
  /** The ids that may be in the list. */
  among?: ReadonlySet<string> | undefined;
  sort?: ArchiveSort | undefined;
  order?: "asc" | "desc" | undefined;
}

/** The fewest characters that count as the beginning of an id. */
const MIN_PREFIX = 4;

/** Tags that programs add to each archive. They say nothing about its content. */
const OF_PROGRAMS = /^(?:date_added|timestamp|source):/i;

const filenameOf = ({ file }: ArchiveRecord): string => file.slice(file.lastIndexOf("/") + 1);

/**
 * The archives that a text names. An id, a path or a file name that is written exactly counts before others; then each id that
 * begins with it, and each path and file name that differs only in case.
 */
const named = (records: readonly ArchiveRecord[], ref: string): ArchiveRecord[] => {
  const text = comparableText(ref);
  const isLike = (name: string): boolean => comparableText(name) === text;
  for (const isExact of [
    ({ id }: ArchiveRecord) => id === text,
    ({ file }: ArchiveRecord) => file === ref,
    (record: ArchiveRecord) => filenameOf(record) === ref,
  ]) {
    const exact = records.filter(isExact);
    if (exact.length > 0) return exact;
  }
  return records.filter(
    (record) =>
      (text.length >= MIN_PREFIX && record.id.startsWith(text)) ||
      isLike(record.file) ||
      isLike(filenameOf(record)),
  );
};

const hasTags = (wanted: string): ((record: ArchiveRecord) => boolean) => {
  const all = splitTags(wanted).map(comparableText);
  return ({ tags }) => {
    const own = splitTags(tags).map(comparableText);
    return all.every((tag) => own.some((one) => (tag.endsWith(":") ? one.startsWith(tag) : one === tag)));
  };
};

const isUntagged = ({ tags }: ArchiveRecord): boolean =>
  splitTags(tags).every((tag) => OF_PROGRAMS.test(tag));

const isIn = (folder: string): ((record: ArchiveRecord) => boolean) => {
  const path = comparableText(folder).replace(/^\/+|\/+$/g, "");
  return ({ file }) => path === "" || comparableText(file).startsWith(`${path}/`);
};

/** As people sort: without case, and 2 before 10. */
const { compare } = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

const sorters: Record<ArchiveSort, (a: ArchiveRecord, b: ArchiveRecord) => number> = {
  added: (a, b) => a.added - b.added,
  title: (a, b) => compare(a.title, b.title),
  file: (a, b) => compare(a.file, b.file),
  size: (a, b) => a.size - b.size,
  pages: (a, b) => a.pages - b.pages,
};

/** @param records in the order in which they were added */
export const selectArchives = (
  records: readonly ArchiveRecord[],
  { q, ref, tag, untagged, folder, among, sort, order }: ArchiveSelection,
): ArchiveRecord[] => {
  let found = ref === undefined ? [...records] : named(records, ref);
  if (q !== undefined) found = matching(found, q, found.length);
  if (tag !== undefined) found = found.filter(hasTags(tag));
  if (untagged !== undefined) found = found.filter((record) => isUntagged(record) === untagged);
  if (folder !== undefined) found = found.filter(isIn(folder));
  if (among !== undefined) found = found.filter(({ id }) => among.has(id));
  const sorted = sort === undefined ? found : found.sort(sorters[sort]);
  return order === "desc" ? sorted.reverse() : sorted;
};
