import { HitagiError } from "@hitagi/contract";
import type { Logger } from "pino";
import type { KeyStore } from "../store/types.ts";
import { generateKey, readApiKey, writeApiKey } from "./api-key-file.ts";
import type { FirstKey } from "./first-key.ts";

type Kept = Pick<KeyStore, "shared" | "first" | "replaceFirst">;

/**
 * Makes another first key and keeps it: in the store, for all servers on it, or else in the data folder's file.
 * @throws HitagiError KEY_NOT_OWN where it is another program's, KEY_ROTATED, DISK_FULL, STORE_FAILED; what the store throws
 */
export const createKeyRotation =
  (keys: Kept, data: string): (() => Promise<string>) =>
  async () => {
    if ((await keys.shared()) !== undefined)
      throw new HitagiError("KEY_NOT_OWN", { where: "LANraragi's settings" });
    const next = generateKey();
    if (!keys.first || !keys.replaceFirst) await writeApiKey(data, next);
    else if (!(await keys.replaceFirst(await keys.first(next), next))) throw new HitagiError("KEY_ROTATED");
    return next;
  };

export interface ApplySharedKeyDeps {
  keys: Kept;
  data: string;
  firstKey: Pick<FirstKey, "replace">;
  log: Pick<Logger, "info" | "error">;
}

/**
 * Puts the first key of all servers in force here, as it is in the store now, and keeps it in the data folder.
 * @throws what the store throws
 */
export const applySharedKey = async ({ keys, data, firstKey, log }: ApplySharedKeyDeps): Promise<void> => {
  const key = (await keys.shared()) ?? (await keys.first?.(generateKey()));
  if (key === undefined) return;
  firstKey.replace(key);
  try {
    if ((await readApiKey(data)) === key) return;
    await writeApiKey(data, key);
    log.info("the servers' own key was changed: the new one is in force, and in the data folder's api-key");
  } catch (err) {
    log.error({ err }, "the new key is in force, and could not be kept in the data folder's api-key");
  }
};
