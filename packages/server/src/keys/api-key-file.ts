import { randomBytes } from "node:crypto";
import path from "node:path";
import { ifThere } from "../disk/errors.ts";
import { restrictToOwner } from "../disk/files.ts";
import { readRegular } from "../disk/regular-files.ts";
import { writeWhole } from "../disk/write-whole.ts";
import type { KeyStore } from "../store/types.ts";

/** The server's first key, and where it comes from. */
export interface ApiKey {
  key: string;
  /** The file that holds it; undefined where the configuration gives the key. */
  file: string | undefined;
  /** Whether it was generated now. It is shown only once. */
  isNew: boolean;
  /** Whether another program that uses the same store owns it. */
  isExternal: boolean;
  /** Whether the store's key replaced another one in the file. */
  isReplaced: boolean;
  /** Whether others could read the file. Its mode is corrected, but the key may be known. */
  wasReadableByOthers: boolean;
}

const fileIn = (data: string): string => path.join(data, "api-key");

/** An empty file counts as missing. */
const readKey = async (file: string): Promise<{ key: string; wasReadableByOthers: boolean } | undefined> => {
  // A secret of a container is often a link.
  const key = (await readRegular(file, true)).toString("utf8").trim();
  return key === "" ? undefined : { key, wasReadableByOthers: await restrictToOwner(file) };
};

/** 32 random bytes, base64url. */
export const generateKey = (): string => randomBytes(32).toString("base64url");

/**
 * Finds the API key. In this order: the configured one; the one that another program keeps in the store; the one that the
 * store keeps for all its servers; the one in the data folder's file `api-key`; a new one. Writes all but the first to that
 * file, with mode 0600, where commands on this machine read it.
 * @param apiKey the configured key; empty for none
 * @throws HitagiError DISK_FULL, STORE_FAILED where the file cannot be read or written; errors of the store
 */
export const readOrCreateApiKey = async (
  { data, apiKey }: { data: string; apiKey: string },
  keys: Pick<KeyStore, "shared" | "first">,
): Promise<ApiKey> => {
  const flags = { isNew: false, isExternal: false, isReplaced: false, wasReadableByOthers: false };
  if (apiKey !== "") return { key: apiKey, file: undefined, ...flags };
  const file = fileIn(data);
  const stored = await ifThere(readKey(file));
  const candidate = stored?.key ?? generateKey();
  const external = await keys.shared();
  const key = external ?? (await keys.first?.(candidate)) ?? candidate;
  // Without a line end, so that `base64 < api-key` gives what a request sends.
  if (key !== stored?.key) await writeWhole({ file, content: key });
  return {
    key,
    file,
    isNew: stored === undefined && key === candidate,
    isExternal: external !== undefined,
    isReplaced: stored !== undefined && key !== stored.key,
    wasReadableByOthers: stored?.wasReadableByOthers ?? false,
  };
};

/** The key in a data folder's file; undefined where there is none. @throws HitagiError STORE_FAILED */
export const readApiKey = async (data: string): Promise<string | undefined> =>
  (await ifThere(readKey(fileIn(data))))?.key;

/** Writes a key unless there is one. @returns the key that is there then @throws HitagiError DISK_FULL, STORE_FAILED */
export const saveApiKeyIfAbsent = async (data: string, key: string): Promise<string> => {
  const stored = await readApiKey(data);
  if (stored === undefined) await writeApiKey(data, key);
  return stored ?? key;
};

/** Writes the key to a data folder's file. @throws HitagiError DISK_FULL, STORE_FAILED */
export const writeApiKey = (data: string, key: string): Promise<void> =>
  writeWhole({ file: fileIn(data), content: key });
