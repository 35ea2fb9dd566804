import type { Manifest } from "@hitagi/contract";

/**
 * The bytes of every version that was ever vetted here, by sha256, with the manifest read from them. What is read
 * is checked against its name, so a damaged file counts as missing.
 */
export interface Artifacts {
  /** Keeps the bytes and their manifest, durably, and answers the sha256. @throws HitagiError DISK_FULL */
  put(bytes: Buffer, manifest: Manifest): Promise<string>;
  read(sha256: string): Promise<Buffer | undefined>;
  manifest(sha256: string): Promise<Manifest | undefined>;
  /** Whether they are kept, whole, wherever `put` keeps them. */
  isKept(sha256: string): Promise<boolean>;
  /** Those on this machine's disk, whole or not. */
  list(): Promise<string[]>;
  /** Whether they are on this machine's disk, whole. */
  isHere(sha256: string): Promise<boolean>;
  /**
   * Puts where other machines find them what only this one has, or what they were kept in before has. Answers whether there was
   * something to do.
   */
  spread(sha256: string): Promise<boolean>;
  /** Removes them wherever `put` keeps them. */
  remove(sha256: string): Promise<void>;
  /** Removes them from this machine's disk. Where other machines keep them too, they stay there. */
  evict(sha256: string): Promise<void>;
}

/** Bytes of versions with their manifests as JSON, by sha256. Whoever reads them compares them with it. */
export interface ArtifactShare {
  put(sha256: string, bytes: Buffer, manifest: string): Promise<void>;
  /** Whether there is something under that hash. */
  has(sha256: string): Promise<boolean>;
  read(sha256: string): Promise<{ bytes: Buffer; manifest: string } | undefined>;
  remove(sha256: string): Promise<void>;
}

/**
 * What was put into the store's own share, or asked for there, before its record is made; the commit of the record takes the note away. A server
 * that dies in between leaves the note, by which another finds bytes that are kept for nothing.
 */
export interface Unrecorded {
  /** The hashes that were noted last so long ago, in milliseconds. */
  list(ageMs: number): Promise<string[]>;
  /** Takes a note away whose bytes are recorded after all. */
  settle(sha256: string): Promise<void>;
  /** Removes note and bytes, unless somebody put them or asked for them meanwhile. */
  drop(sha256: string, ageMs: number): Promise<void>;
}

/** A share that is a place of its own, beside the store. All throw HitagiError ARTIFACTS_UNREACHABLE and ARTIFACTS_UNUSABLE. */
export interface SeparateShare extends ArtifactShare {
  /** Writes, reads and removes something, so that whatever is not allowed there shows. */
  check(): Promise<void>;
  close(): Promise<void>;
}
