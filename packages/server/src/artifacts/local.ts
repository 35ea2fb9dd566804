import { readdir, readFile, rm } from "node:fs/promises";
import path from "node:path";
import { HitagiError, Manifest } from "@hitagi/contract";
import { Compile } from "typebox/compile";
import { ifThere, storeError } from "../disk/errors.ts";
import { makeFolder } from "../disk/folders.ts";
import { sha256Of } from "../disk/sha256.ts";
import { removeParts, writeWhole } from "../disk/write-whole.ts";
import type { Artifacts } from "./types.ts";

const manifests = Compile(Manifest);

/** A manifest out of its JSON; undefined where it is none. */
export const parseManifest = (text: string): Manifest | undefined => {
  try {
    const value: unknown = JSON.parse(text);
    return manifests.Check(value) ? value : undefined;
  } catch (e) {
    if (e instanceof SyntaxError) return undefined;
    throw e;
  }
};

/** Whether a text is a SHA-256 in hex. */
export const isSha256 = (text: string): boolean => /^[0-9a-f]{64}$/.test(text);

/** The hash names a file, so nothing else may pass for one. */
const checked = (sha256: string): string => {
  if (isSha256(sha256)) return sha256;
  throw new HitagiError("STORE_FAILED", { reason: "a hash that is none was asked for" });
};

/** Makes the folder and clears it of half-written files, once; again where that failed. */
const createPreparation = (folder: string): (() => Promise<void>) => {
  let prepared: Promise<void> | undefined;
  const prepare = async (): Promise<void> => {
    await makeFolder(folder, 0o700);
    await removeParts(folder);
  };
  return () => {
    prepared ??= prepare().catch((e: unknown) => {
      prepared = undefined;
      throw storeError(e);
    });
    return prepared;
  };
};

/** The kept bytes in a folder: `<sha256>` and, beside it, the manifest in `<sha256>.json`. */
export const createLocalArtifacts = (folder: string): Artifacts => {
  const prepared = createPreparation(folder);
  const bytesAt = (sha256: string): string => path.join(folder, checked(sha256));
  const manifestAt = (sha256: string): string => `${bytesAt(sha256)}.json`;

  const read: Artifacts["read"] = async (sha256) => {
    const bytes = await ifThere(readFile(bytesAt(sha256)));
    return bytes && sha256Of(bytes) === sha256 ? bytes : undefined;
  };
  const isHere = async (sha256: string): Promise<boolean> => (await read(sha256)) !== undefined;
  const evict: Artifacts["evict"] = async (sha256) => {
    await rm(bytesAt(sha256), { force: true });
    await rm(manifestAt(sha256), { force: true });
  };
  /** The manifest goes first, so that where the bytes are, it is too. */
  const write = async (sha256: string, bytes: Buffer, manifest: Manifest): Promise<void> => {
    const kept = await read(sha256);
    try {
      const described = { file: manifestAt(sha256), content: JSON.stringify(manifest) };
      await writeWhole(described, ...(kept ? [] : [{ file: bytesAt(sha256), content: bytes }]));
    } catch (e) {
      if (!kept) await evict(sha256);
      throw e;
    }
  };

  return {
    put: async (bytes, manifest) => {
      await prepared();
      const sha256 = sha256Of(bytes);
      await write(sha256, bytes, manifest);
      return sha256;
    },
    read,
    manifest: async (sha256) => {
      const bytes = await ifThere(readFile(manifestAt(sha256)));
      return bytes && parseManifest(bytes.toString("utf8"));
    },
    isKept: isHere,
    // Whoever is alone on its disk takes nothing away meanwhile.
    reserve: isHere,
    isHere,
    list: async () => {
      const names = (await ifThere(readdir(folder))) ?? [];
      return [...new Set(names.map((name) => path.parse(name).name))].filter(isSha256);
    },
    replicate: async () => false,
    evict,
  };
};
