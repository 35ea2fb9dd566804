import type { Manifest } from "@hitagi/contract";
import type { ArtifactShare } from "../store/types.ts";

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
  /** The same, for somebody who is about to record them: from now on they stay until that is done or given up. */
  reserve(sha256: string): Promise<boolean>;
  /** Those on this machine's disk, whole or not. */
  list(): Promise<string[]>;
  /** Whether they are on this machine's disk, whole. */
  isHere(sha256: string): Promise<boolean>;
  /**
   * Puts where other machines find them what only this one has, or what they were kept in before has. Answers whether there was
   * something to do.
   */
  replicate(sha256: string): Promise<boolean>;
  /** Removes them from this machine's disk. Where other machines keep them too, they stay there. */
  evict(sha256: string): Promise<void>;
}

/** A share that is a place of its own, beside the store. All throw HitagiError ARTIFACTS_UNREACHABLE and ARTIFACTS_UNUSABLE. */
export interface ExternalShare extends ArtifactShare {
  /** Writes, reads and removes something, so that whatever is not allowed there shows. */
  check(): Promise<void>;
  close(): Promise<void>;
}
