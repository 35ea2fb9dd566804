import path from "node:path";
import { type Static, Type } from "typebox";

/**
 * What a power cut may undo; a crash of the process undoes neither. A `durable` change is on the disk when the promise
 * resolves. A `relaxed` one is faster, and may be lost together with the changes after it, up to the next durable one.
 */
export type Durability = "durable" | "relaxed";

/** The characters that end a name. On Windows a backslash and a colon do too. */
const SEPARATORS = path.sep === "/" ? "/" : "/\\\\:";
const NAME = `(?!\\.{1,2}(?:/|$))[^${SEPARATORS}\\0]+`;

export const ArchiveRecord = Type.Object({
  id: Type.String({ minLength: 1 }),
  /** Relative to the library folder and below it, with `/`, without `.` and `..`. */
  file: Type.String({ pattern: `^${NAME}(?:/${NAME})*$` }),
  title: Type.String(),
  /** LANraragi's form: separated by commas. */
  tags: Type.String(),
  summary: Type.String(),
  size: Type.Number(),
  pages: Type.Number(),
  added: Type.Number(),
  /** When its file was last written to, as the file system said when it was read; epoch milliseconds. Absent until a scan noted it. */
  modified: Type.Optional(Type.Number()),
});
export type ArchiveRecord = Static<typeof ArchiveRecord>;

/** An archive with its place in the order in which archives were added: a number that grows, with gaps. */
export interface PlacedArchive {
  place: number;
  archive: ArchiveRecord;
}

/** What happened to archives since a position. */
export interface ArchiveChanges {
  /** Where the changes end; only its driver reads it. */
  position: string;
  /** The ids of archives that may have been added, changed or deleted, some twice; undefined if that is not known, so that any may have been. */
  ids: readonly string[] | undefined;
}

export interface ArchiveStore {
  /** Adds an archive; answers false and changes nothing if the id or the file exists. */
  add(archive: ArchiveRecord): Promise<boolean>;
  get(id: string): Promise<ArchiveRecord | undefined>;
  /** The archives of these ids that there are, in any order. */
  some(ids: readonly string[]): Promise<PlacedArchive[]>;
  /** All in their order, read page by page; see pagesOfArchives. */
  list(): Promise<ArchiveRecord[]>;
  /** The archives after a place, as many as are read at once. The next page is after `next`, which is undefined where none follows. */
  page(after?: number): Promise<{ archives: PlacedArchive[]; next: number | undefined }>;
  /**
   * What changed since a position that this store gave; without one, where the changes end now. Every change that was made before the
   * call is among them, by whichever server, and on SQLite by whichever program.
   */
  changes(since?: string): Promise<ArchiveChanges>;
  count(): Promise<number>;
  update(
    id: string,
    patch: Partial<Omit<ArchiveRecord, "id" | "added">>,
    durability?: Durability,
  ): Promise<boolean>;
  delete(id: string): Promise<boolean>;
}

/** The archives that were seen of a library outside of Hitagi, so that new ones are found. */
export interface SeenArchiveStore {
  /** The ids of a library; undefined if the library was never noted, not even as empty. */
  of(library: string): Promise<ReadonlySet<string> | undefined>;
  /** Adds and removes ids in one step. */
  change(library: string, added: readonly string[], removed: readonly string[]): Promise<void>;
}
