import type { Manifest } from "@hitagi/contract";
import type { ArtifactShare } from "../store/types.ts";

/**
 * The bytes of vetted versions by sha256, each with its manifest. Reads compare the bytes with their hash: a damaged artifact counts
 * as missing.
 */
export interface Artifacts {
  /** Stores bytes and manifest durably. @returns the sha256 @throws HitagiError DISK_FULL */
  put(bytes: Buffer, manifest: Manifest): Promise<string>;
  read(sha256: string): Promise<Buffer | undefined>;
  manifest(sha256: string): Promise<Manifest | undefined>;
  /** Whether the artifact is whole everywhere where `put` stores it. */
  isStored(sha256: string): Promise<boolean>;
  /** The same, and protects it from garbage collection until a record names it, for a while. */
  reserve(sha256: string): Promise<boolean>;
  /** The artifacts on this machine's disk, damaged ones included. */
  list(): Promise<string[]>;
  /** Whether the artifact is whole on this machine's disk. */
  isLocal(sha256: string): Promise<boolean>;
  /** Copies an artifact that only this machine, or the previous share, has to where servers share them. @returns whether it did */
  replicate(sha256: string): Promise<boolean>;
  /** Removes the artifact from this machine's disk, and from nowhere else. */
  evict(sha256: string): Promise<void>;
}

/** A share outside the store. Its methods throw HitagiError ARTIFACTS_UNREACHABLE and ARTIFACTS_UNUSABLE. */
export interface ExternalShare extends ArtifactShare {
  /** Writes, reads and removes a probe, so that missing rights show. */
  check(): Promise<void>;
  close(): Promise<void>;
}
