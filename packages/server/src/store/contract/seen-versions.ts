/** Each version that a registry has ever offered, as lines of catalog/seen-versions.ts. A registry's lines go with it, and with its source. */
export interface SeenVersionStore {
  /** The lines in pieces of whole lines, read one by one, so that other work gets its turn. None before the first refresh. */
  get(registry: string): Promise<Buffer[]>;
  /** Adds lines after those of a registry, if it exists. An end midway leaves the first of them. */
  add(registry: string, lines: Buffer): Promise<void>;
  /** Replaces the lines of a registry, if it exists. An end midway leaves the old ones too, behind or before the new ones. */
  replace(registry: string, lines: Buffer): Promise<void>;
}
