/** Each version that a registry has ever offered, as lines of catalog/seen-versions.ts. A registry's lines go with it, and with its source. */
export interface SeenVersionStore {
  /** Undefined before the first refresh. */
  get(registry: string): Promise<Buffer | undefined>;
  /** Replaces the lines of a registry that exists. */
  put(registry: string, lines: Buffer): Promise<void>;
}
