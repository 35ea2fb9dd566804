/** Bytes of versions with their manifests as JSON, by sha256. The reader verifies the hash. */
export interface ArtifactShare {
  /** A store that is the share also notes them as pending; see {@link PendingArtifacts}. */
  put(sha256: string, bytes: Buffer, manifest: string): Promise<void>;
  has(sha256: string): Promise<boolean>;
  read(sha256: string): Promise<{ bytes: Buffer; manifest: string } | undefined>;
  remove(sha256: string): Promise<void>;
}

/**
 * The bytes in a share that no record may name: those that were put or reserved before their record is made, whose commit removes
 * the note, and those outside of the store that a pruning orphaned. By the notes a server finds what another one left that
 * died. Only noted bytes are ever removed, so that an empty store (a mistyped database) beside a full share costs nothing.
 */
export interface PendingArtifacts {
  /** Notes bytes that are about to be recorded. */
  note(sha256: string): Promise<void>;
  /** The hashes that were last noted at least so many milliseconds ago. */
  list(ageMs: number): Promise<string[]>;
  /** Whether nothing names the bytes, and they were not noted in that time. Removes the note of bytes that a record names. */
  isGarbage(sha256: string, ageMs: number): Promise<boolean>;
  /** The same; and in the same step removes the note, and the store's own bytes, if they are garbage. */
  drop(sha256: string, ageMs: number): Promise<boolean>;
}
