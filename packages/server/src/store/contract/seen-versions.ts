/**
 * Each version that a registry has ever offered, as lines of catalog/seen-versions.ts. The owner of lines is a registry, by its id, or
 * all signed registries of one recovery key, by its fingerprint. A registry's lines go with it, and with its source.
 */
export interface SeenVersionStore {
  /** The lines in pieces of whole lines, read one by one, so that other work gets its turn. None before the first refresh. */
  get(owner: string): Promise<Buffer[]>;
  /** Adds lines after those of an owner; of a registry only if it exists. An end midway leaves the first of them. */
  add(owner: string, lines: Buffer): Promise<void>;
  /**
   * Replaces the lines of an owner; of a registry only if it exists. An end midway leaves the old ones too, behind or before the new
   * ones.
   */
  replace(owner: string, lines: Buffer): Promise<void>;
}
