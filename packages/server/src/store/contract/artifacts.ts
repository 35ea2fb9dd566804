/** Bytes of versions with their manifests as JSON, by sha256. Whoever reads them compares them with it. */
export interface ArtifactShare {
  /** Where the store is the share, they are noted as for no record yet; see {@link PendingArtifacts}. */
  put(sha256: string, bytes: Buffer, manifest: string): Promise<void>;
  /** Whether there is something under that hash. */
  has(sha256: string): Promise<boolean>;
  read(sha256: string): Promise<{ bytes: Buffer; manifest: string } | undefined>;
  remove(sha256: string): Promise<void>;
}

/**
 * Notes of the bytes that no record may name, wherever servers share them: those that were put or asked for before their record is
 * made, which the commit of the record takes away, and those elsewhere than in the store that a pruning left unnamed. By a note another server finds
 * what one that died had left. Only what is noted is ever removed, so that a share that is full and a store that is empty, as where the number
 * of the database was mistyped, cost nothing.
 */
export interface PendingArtifacts {
  /** Notes that somebody is about to record them; what is noted stays for a while. */
  note(sha256: string): Promise<void>;
  /** The hashes that were noted last so long ago, in milliseconds. */
  list(ageMs: number): Promise<string[]>;
  /** Whether they may go: nothing names them, and they were not noted in that time. Takes away the note of what is named. */
  isGarbage(sha256: string, ageMs: number): Promise<boolean>;
  /** In one step the same, and removes note and the store's own bytes where they may go. */
  drop(sha256: string, ageMs: number): Promise<boolean>;
}
