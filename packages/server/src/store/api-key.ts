import { randomBytes } from "node:crypto";
import { chmod, readFile, stat } from "node:fs/promises";
import path from "node:path";
import { ifThere } from "./if-there.ts";
import { writeWhole } from "./write-whole.ts";

/** The API key in force. */
export interface ApiKey {
  key: string;
  /** Whether it was made just now, so that it is shown this once. */
  made: boolean;
  /** Whether others could read the file; its mode was set right, but the key may be known. */
  wasOpen: boolean;
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

const readKey = async (file: string): Promise<ApiKey | undefined> => {
  const key = (await readFile(file, "utf8")).trim();
  return key === "" ? undefined : { key, made: false, wasOpen: await tighten(file) };
};

const keptKey = (file: string): Promise<ApiKey | undefined> => ifThere(readKey(file));

/**
 * The API key: the configured one, else the one in the data folder's file `api-key`, else a new one of 32 random
 * bytes (base64url), written there with mode 0600. An empty file counts as none.
 * @param configured empty where none is configured
 * @throws HitagiError DISK_FULL, STORE_FAILED where the file cannot be read or written
 */
export const readOrMakeApiKey = async (dataFolder: string, configured: string): Promise<ApiKey> => {
  if (configured !== "") return { key: configured, made: false, wasOpen: false };
  const file = path.join(dataFolder, "api-key");
  const kept = await keptKey(file);
  if (kept) return kept;
  const key = randomBytes(32).toString("base64url");
  // Without a line end, so that `base64 < api-key` gives what a request wants.
  await writeWhole({ file, content: key });
  return { key, made: true, wasOpen: false };
};
