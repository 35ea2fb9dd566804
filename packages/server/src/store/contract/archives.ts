/**
 * What a power cut may undo; a crash of the process undoes neither. A `durable` change is on the disk when the promise
 * resolves. A `relaxed` one is faster, and may be lost together with the changes after it, up to the next durable one.
 */
export type Durability = "durable" | "relaxed";

export interface ArchiveRecord {
  id: string;
  /** Relative to the library folder, with `/`. */
  file: string;
  title: string;
  /** LANraragi's form: separated by commas. */
  tags: string;
  summary: string;
  size: number;
  pages: number;
  added: number;
}

export interface ArchiveStore {
  /** Adds an archive; answers false and changes nothing if the id or the file exists. */
  add(archive: ArchiveRecord): Promise<boolean>;
  get(id: string): Promise<ArchiveRecord | undefined>;
  list(): Promise<ArchiveRecord[]>;
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
