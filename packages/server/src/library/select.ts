import { type ArchiveSort, comparableText } from "@hitagi/contract";
import { filterInTurns, sortInTurns } from "../async/in-turns.ts";
import type { ArchiveRecord } from "../store/types.ts";
import { type ArchiveRow, filenameOf, fileOf, rowOf, tagsOf, titleOf } from "./archive-row.ts";
import { splitTags, storedText } from "./tags.ts";
import type { ArchiveSelection, SelectedArchives } from "./types.ts";

/** What a selection is made of. */
export interface ArchiveShelf {
  /** In the order in which they were added. */
  readonly rows: readonly ArchiveRow[];
  sorted(sort: ArchiveSort): Promise<readonly ArchiveRow[]>;
  /** The archives of some rows, in the order of the rows, without those that are gone. */
  records(rows: readonly ArchiveRow[]): Promise<ArchiveRecord[]>;
}

type RowTest = (row: ArchiveRow) => boolean;

/** The fewest characters that count as the beginning of an id. */
const MIN_PREFIX = 4;

/** Tags that programs add to each archive. They say nothing about its content. */
const OF_PROGRAMS = /^(?:date_added|timestamp|source):/i;

const nameOf = ({ file }: ArchiveRecord): string => file.slice(file.lastIndexOf("/") + 1);

/**
 * The ids of the archives that a text names. An id, a path or a file name that is written exactly counts before others; then each id
 * that begins with it, and each path and file name that differs only in case.
 */
const named = async (shelf: ArchiveShelf, ref: string): Promise<ReadonlySet<string>> => {
  const text = comparableText(ref);
  const begins: RowTest = ({ id }) => text.length >= MIN_PREFIX && id.startsWith(text);
  const like = await filterInTurns(
    shelf.rows,
    (row) =>
      row.id === text ||
      begins(row) ||
      (row.text.endsWith(text) && (fileOf(row) === text || filenameOf(row) === text)),
  );
  const records = await shelf.records(like);
  for (const isExact of [
    ({ id }: ArchiveRecord) => id === text,
    ({ file }: ArchiveRecord) => file === ref,
    (record: ArchiveRecord) => nameOf(record) === ref,
  ]) {
    const exact = records.filter(isExact);
    if (exact.length > 0) return new Set(exact.map(({ id }) => id));
  }
  return new Set(like.map(({ id }) => id));
};

/** Rows whose text holds every word, without case and composition. */
const hasWords = (text: string): RowTest => {
  const words = comparableText(text).split(/\s+/).filter(Boolean);
  return (row) => words.every((word) => row.text.includes(word));
};

/** Tags that have another form when they are compared: with characters that they lose, or with other spaces than one. */
const UNTIDY = /[\p{Cc}\p{Cs}\ufffd]|[^\S ]|\s\s/u;

/** The tags of an archive, as they are compared, some of them maybe twice; an empty one is none. */
const ownTags = (row: ArchiveRow): string[] => {
  const tags = tagsOf(row);
  const tidy = UNTIDY.test(tags) ? storedText(tags).replace(/\s+/g, " ") : tags;
  return tidy.split(",").map((tag) => tag.trim());
};

/** Words of tags that are looked for in the text first, which leaves few archives. Many would take longer than the tags. */
const MAX_FIRST_WORDS = 8;

/** Which of the wanted tags, and of the wanted beginnings `artist:`, some tags have. Each tag is looked at once, however many are wanted. */
const hasAll = (wanted: ReadonlySet<string>): ((own: readonly string[]) => boolean) => {
  const lengths = new Set([...wanted].filter((tag) => tag.endsWith(":")).map((tag) => tag.length));
  return (own) => {
    const missing = new Set(wanted);
    for (const tag of own) {
      for (const length of lengths) if (tag[length - 1] === ":") missing.delete(tag.slice(0, length));
      if (!tag.endsWith(":")) missing.delete(tag);
      if (missing.size === 0) return true;
    }
    return missing.size === 0;
  };
};

const hasTags = (wanted: string): RowTest => {
  const all = splitTags(wanted).map(comparableText);
  // Few archives have their words, and to take tags apart takes long.
  const words = all.flatMap((tag) => tag.split(" ")).slice(0, MAX_FIRST_WORDS);
  const isMet = hasAll(new Set(all));
  return (row) => {
    const mayHave = words.every((word) => row.text.includes(word, row.titleEnd));
    return (mayHave || UNTIDY.test(tagsOf(row))) && isMet(ownTags(row));
  };
};

const isUntagged: RowTest = (row) => ownTags(row).every((tag) => tag === "" || OF_PROGRAMS.test(tag));

const isIn = (folder: string): RowTest => {
  const path = comparableText(folder).replace(/^\/+|\/+$/g, "");
  return (row) => path === "" || row.text.startsWith(`${path}/`, row.tagsEnd + 1);
};

const testsOf = async (
  shelf: ArchiveShelf,
  { q, ref, idStart, tag, untagged, folder, among }: ArchiveSelection,
): Promise<RowTest[]> => {
  const tests: RowTest[] = [];
  if (ref !== undefined) {
    const ids = await named(shelf, ref);
    tests.push(({ id }) => ids.has(id));
  }
  if (idStart !== undefined) tests.push(({ id }) => id.startsWith(idStart));
  if (among !== undefined) tests.push(({ id }) => among.has(id));
  if (folder !== undefined) tests.push(isIn(folder));
  if (q !== undefined) tests.push(hasWords(q));
  if (tag !== undefined) tests.push(hasTags(tag));
  if (untagged !== undefined) tests.push((row) => isUntagged(row) === untagged);
  return tests;
};

/** As people sort: without case, and 2 before 10. */
const { compare } = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

/** What archives are sorted by, and how two of it compare. */
type SortKey = string | number;
const keys: Record<ArchiveSort, (row: ArchiveRow) => SortKey> = {
  added: ({ added }) => added,
  title: titleOf,
  file: fileOf,
  size: ({ size }) => size,
  pages: ({ pages }) => pages,
};

const compareKeys = (a: SortKey, b: SortKey): number =>
  typeof a === "string" || typeof b === "string" ? compare(String(a), String(b)) : a - b;

/** Compares two archives; of two that are alike, the one that was added first comes first. */
export const compareBy = (sort: ArchiveSort): ((a: ArchiveRow, b: ArchiveRow) => number) => {
  const keyOf = keys[sort];
  return (a, b) => compareKeys(keyOf(a), keyOf(b)) || a.place - b.place;
};

/** Sorts rows, without a long turn. */
export const sortRows = async (rows: readonly ArchiveRow[], sort: ArchiveSort): Promise<ArchiveRow[]> => {
  const keyOf = keys[sort];
  const keyed = rows.map((row) => ({ row, key: keyOf(row) }));
  const sorted = await sortInTurns(keyed, (a, b) => compareKeys(a.key, b.key) || a.row.place - b.row.place);
  return sorted.map(({ row }) => row);
};

/** The rows of a selection in its order. Other work goes on meanwhile. */
export const selectRows = async (
  shelf: ArchiveShelf,
  selection: ArchiveSelection,
): Promise<readonly ArchiveRow[]> => {
  const { sort, order } = selection;
  const tests = await testsOf(shelf, selection);
  const all = sort === undefined ? shelf.rows : await shelf.sorted(sort);
  const found =
    tests.length === 0 ? all : await filterInTurns(all, (row) => tests.every((isChosen) => isChosen(row)));
  return order === "desc" ? found.toReversed() : found;
};

/** @param count how many archives of the selection; all where absent */
export const selectArchives = async (
  records: readonly ArchiveRecord[],
  selection: ArchiveSelection,
  from = 0,
  count = records.length,
): Promise<SelectedArchives> => {
  const rows = records.map((archive, place) => rowOf({ place, archive }));
  const recordsOf = (some: readonly ArchiveRow[]) => some.flatMap(({ place }) => records[place] ?? []);
  const shelf: ArchiveShelf = {
    rows,
    sorted: (sort) => sortRows(rows, sort),
    records: async (some) => recordsOf(some),
  };
  const found = await selectRows(shelf, selection);
  return { total: found.length, items: recordsOf(found.slice(from, from + count)) };
};
