/**
 * How much of a change survives a power cut. Both kinds survive the end of the process, however it ends. `durable` is
 * on the disk when the promise resolves; `relaxed` is quick, and may be lost together with what was written after it,
 * up to the next durable change.
 */
export type Durability = "durable" | "relaxed";

/** An archive as it is stored. */
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
  /** Adds an archive; answers false and changes nothing where the id or the file exists. */
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

/** Which archives of a library that others keep were seen, so that new ones are told from old ones. */
export interface KnownStore {
  /** The ids that were noted of a library; undefined where nothing ever was, not even that it is empty. */
  of(library: string): Promise<ReadonlySet<string> | undefined>;
  /** Notes that these came and those went, all at once. What is noted or gone already stays so. */
  change(library: string, came: readonly string[], went: readonly string[]): Promise<void>;
}
