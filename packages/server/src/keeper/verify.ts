import { fingerprintOf, type VerifiedHead } from "@hitagi/trust";
import { hashFile } from "../disk/sha256.ts";
import { KeeperError } from "./keeper-error.ts";
import type { RegistryContent } from "./registry-files.ts";

/** What a signed registry says of itself. */
export interface VerifiedRegistry {
  origin: string;
  fingerprint: string;
  /** The first 132 bits of the fingerprint, for people. */
  words: string;
  epoch: number;
  sequence: number;
  time: string;
  renew?: string;
  movedTo?: string;
}

const describe = ({
  origin,
  recovery,
  epoch,
  sequence,
  time,
  renew,
  movedTo,
}: VerifiedHead): VerifiedRegistry => {
  const { hex, words } = fingerprintOf(recovery);
  return {
    ...{ origin, fingerprint: hex, words, epoch, sequence, time },
    ...(renew !== undefined && { renew }),
    ...(movedTo !== undefined && { movedTo }),
  };
};

/** Whether a text is a fingerprint, as hex or in words. */
const isFingerprint = (text: string, { fingerprint, words }: VerifiedRegistry): boolean => {
  const given = text
    .trim()
    .toLowerCase()
    .replace(/^sha256:/, "")
    .split(/\s+/)
    .join(" ");
  return given === fingerprint || given === words;
};

const SIGN = "Sign what is there with `hitagi registry sign`, or restore what was signed.";

/**
 * Verifies that a registry's head is of its files.
 * @param fingerprint hex or 12 words that its recovery key must have
 * @throws KeeperError SIGNATURE_MISSING, INDEX_MISMATCH, RECOVERY_KEY_CHANGED
 */
export const verifyRegistry = (
  { head, indexHash, detailsHash }: RegistryContent,
  fingerprint?: string,
): VerifiedRegistry => {
  if (!head)
    throw new KeeperError(
      "The registry is not signed: it has no registry.head.",
      "Sign it with `hitagi registry sign`.",
      "SIGNATURE_MISSING",
    );
  const described = describe(head);
  if (fingerprint !== undefined && !isFingerprint(fingerprint, described))
    throw new KeeperError(
      `The registry's fingerprint is another one: ${described.fingerprint}.`,
      "Compare it with what the keeper published elsewhere. If it differs, the registry is not the keeper's.",
      "RECOVERY_KEY_CHANGED",
    );
  if (head.index !== indexHash)
    throw new KeeperError("registry.json is not the file that was signed.", SIGN, "INDEX_MISMATCH");
  if (head.details !== detailsHash)
    throw new KeeperError("registry.details.json is not the file that was signed.", SIGN, "INDEX_MISMATCH");
  return described;
};

/**
 * Compares the plugin files of a folder with the hashes in its index. A mirror may have a part of them.
 * @returns how many the index names, and those that are not there
 * @throws KeeperError HASH_MISMATCH for the first that has other bytes
 */
export const verifyFiles = async (
  folder: string,
  { index }: Pick<RegistryContent, "index">,
): Promise<{ files: number; missing: string[] }> => {
  const versions = Object.values(index.plugins).flatMap(({ versions }) => Object.values(versions));
  const missing: string[] = [];
  for (const { artifact, sha256 } of versions) {
    const found = await hashFile(folder, artifact);
    if (found === undefined) missing.push(artifact);
    else if (found !== sha256)
      throw new KeeperError(
        `${artifact} is not the file that was signed.`,
        "Restore it from where you keep the registry. If you did not change it, another person or program can write to this folder.",
        "HASH_MISMATCH",
      );
  }
  return { files: versions.length, missing };
};
