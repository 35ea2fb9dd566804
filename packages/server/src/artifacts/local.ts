import { readdir } from "node:fs/promises";
import path from "node:path";
import { HitagiError, Manifest } from "@hitagi/contract";
import { ifThere, storeError } from "../disk/errors.ts";
import { removeIfThere } from "../disk/files.ts";
import { makeFolder } from "../disk/folders.ts";
import { readRegular } from "../disk/regular-files.ts";
import { sha256Of } from "../disk/sha256.ts";
import { removeParts, writeWhole } from "../disk/write-whole.ts";
import { lazySchema } from "../lazy-schema.ts";
import type { Artifacts } from "./types.ts";

const manifests = lazySchema(Manifest);

/** Parses a manifest; undefined for any other text. */
export const parseManifest = (text: string): Manifest | undefined => {
  try {
    const value: unknown = JSON.parse(text);
    return manifests().Check(value) ? value : undefined;
  } catch (e) {
    if (e instanceof SyntaxError) return undefined;
    throw e;
  }
};

/** Whether a text is a SHA-256 in hex. */
export const isSha256 = (text: string): boolean => /^[0-9a-f]{64}$/.test(text);

/** Creates the folder, and removes unfinished files in it, once; again if that failed. */
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

/** Artifacts in a folder: the bytes in `<sha256>`, the manifest in `<sha256>.json`. */
export const createLocalArtifacts = (folder: string): Artifacts => {
  const prepare = createPreparation(folder);
  /** The hash becomes a file name, so any other text is an error. */
  const bytesFile = (sha256: string): string => {
    if (isSha256(sha256)) return path.join(folder, sha256);
    throw new HitagiError("STORE_FAILED", { reason: "a hash that is none was asked for" });
  };
  const manifestFile = (sha256: string): string => `${bytesFile(sha256)}.json`;

  const read: Artifacts["read"] = async (sha256) => {
    const bytes = await ifThere(readRegular(bytesFile(sha256)));
    return bytes && sha256Of(bytes) === sha256 ? bytes : undefined;
  };
  const isLocal = async (sha256: string): Promise<boolean> => (await read(sha256)) !== undefined;
  const evict: Artifacts["evict"] = async (sha256) => {
    await removeIfThere(bytesFile(sha256));
    await removeIfThere(manifestFile(sha256));
  };

  return {
    put: async (bytes, manifest) => {
      await prepare();
      const sha256 = sha256Of(bytes);
      const isStored = await isLocal(sha256);
      const bytesToWrite = isStored ? [] : [{ file: bytesFile(sha256), content: bytes }];
      try {
        // The manifest first: where the bytes are, it is too.
        await writeWhole({ file: manifestFile(sha256), content: JSON.stringify(manifest) }, ...bytesToWrite);
      } catch (e) {
        if (!isStored) await evict(sha256);
        throw e;
      }
      return sha256;
    },
    read,
    manifest: async (sha256) => {
      const bytes = await ifThere(readRegular(manifestFile(sha256)));
      return bytes && parseManifest(bytes.toString("utf8"));
    },
    isStored: isLocal,
    // No other server removes artifacts from this disk.
    reserve: isLocal,
    isLocal,
    list: async () => {
      const names = (await ifThere(readdir(folder))) ?? [];
      return [...new Set(names.map((name) => path.parse(name).name))].filter(isSha256);
    },
    replicate: async () => false,
    evict,
  };
};
