import { randomBytes } from "node:crypto";
import { chmod, readFile, stat } from "node:fs/promises";
import path from "node:path";
import type { Config } from "../config/config.ts";
import { ifThere } from "../disk/errors.ts";
import { writeWhole } from "../disk/write-whole.ts";
import type { KeyStore } from "../store/types.ts";

/** The API key in force. */
export interface ApiKey {
  key: string;
  /** The file that keeps it; undefined where the configuration gives it. */
  file: string | undefined;
  /** Whether it was made just now, so that it is shown this once. */
  isNew: boolean;
  /** Whether it is that of another program which has the same store. */
  isExternal: boolean;
  /** Whether it is the store's, and another one was in the file before. */
  isReplaced: boolean;
  /** Whether others could read the file; its mode was set right, but the key may be known. */
  wasReadableByOthers: boolean;
}

/** Rights of group and others. */
const OTHERS = 0o077;

/** Windows has no such modes and reports them all as open. */
const tighten = async (file: string): Promise<boolean> => {
  const { mode } = await stat(file);
  if (process.platform === "win32" || (mode & OTHERS) === 0) return false;
  await chmod(file, 0o600);
  return true;
};

const readKey = async (file: string): Promise<{ key: string; wasOpen: boolean } | undefined> => {
  const key = (await readFile(file, "utf8")).trim();
  return key === "" ? undefined : { key, wasOpen: await tighten(file) };
};

/** 32 random bytes, base64url. */
export const generateKey = (): string => randomBytes(32).toString("base64url");

/**
 * The API key: the configured one; else the one that the store keeps for all its servers, or for another program too; else the one in
 * the data folder's file `api-key`; else a new one. What was not configured stands in that file afterwards, with mode 0600, where
 * commands on this machine find it. An empty file counts as none.
 * @throws HitagiError DISK_FULL, STORE_FAILED where the file cannot be read or written; what the store throws
 */
export const readOrCreateApiKey = async (
  { data, apiKey }: Pick<Config, "data" | "apiKey">,
  keys: Pick<KeyStore, "shared" | "first">,
): Promise<ApiKey> => {
  if (apiKey !== "")
    return {
      key: apiKey,
      file: undefined,
      isNew: false,
      isExternal: false,
      isReplaced: false,
      wasReadableByOthers: false,
    };
  const file = path.join(data, "api-key");
  const kept = await ifThere(readKey(file));
  const candidate = kept?.key ?? generateKey();
  const theirs = await keys.shared();
  const key = theirs ?? (await keys.first?.(candidate)) ?? candidate;
  // Without a line end, so that `base64 < api-key` gives what a request wants.
  if (key !== kept?.key) await writeWhole({ file, content: key });
  return {
    key,
    file,
    isNew: kept === undefined && key === candidate,
    isExternal: theirs !== undefined,
    isReplaced: kept !== undefined && key !== kept.key,
    wasReadableByOthers: kept?.wasOpen ?? false,
  };
};

/** The key in a data folder's file; undefined where there is none. @throws HitagiError STORE_FAILED */
export const readApiKey = async (data: string): Promise<string | undefined> =>
  (await ifThere(readKey(path.join(data, "api-key"))))?.key;

/** Keeps a key in a data folder that has none. Answers the one that it has then. @throws HitagiError DISK_FULL, STORE_FAILED */
export const saveApiKeyIfAbsent = async (data: string, key: string): Promise<string> => {
  const kept = await readApiKey(data);
  if (kept === undefined) await writeApiKey(data, key);
  return kept ?? key;
};

/** Keeps a key in a data folder, whatever it had before. @throws HitagiError DISK_FULL, STORE_FAILED */
export const writeApiKey = (data: string, key: string): Promise<void> =>
  writeWhole({ file: path.join(data, "api-key"), content: key });
