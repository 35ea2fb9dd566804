import type { Logger } from "pino";
import { type ApiKey, generateKey, writeApiKey } from "../keys/api-key-file.ts";
import type { FirstKey } from "../keys/first-key.ts";
import type { KeyStore } from "../store/types.ts";
import { poll } from "./poll.ts";

export interface PollApiKeyDeps {
  keys: Pick<KeyStore, "shared" | "first">;
  data: string;
  /** What the key was at the start. */
  apiKey: Pick<ApiKey, "key" | "file" | "isExternal">;
  firstKey: Pick<FirstKey, "replace">;
  log: Pick<Logger, "info" | "warn">;
  /** Milliseconds between two looks. */
  everyMs?: number;
}

/**
 * Keeps the first key the one that another program has in the store, as LANraragi's owner changes it in its settings. Where that
 * is taken away, the servers' own one counts, as if it had never been there; the one that was taken away is refused.
 * @returns stops that
 */
export const pollApiKey = (deps: PollApiKeyDeps): (() => Promise<void>) => {
  const { keys, data, apiKey, firstKey, log, everyMs } = deps;
  const { first } = keys;
  let { key, isExternal } = apiKey;

  // A configured key is its owner's to change, and a store of one server nobody else writes into.
  if (apiKey.file === undefined || first === undefined) return async () => {};

  const take = async (next: string): Promise<void> => {
    firstKey.replace(next);
    await writeApiKey(data, next);
    key = next;
  };
  const look = async (): Promise<void> => {
    const theirs = await keys.shared();
    if (theirs === (isExternal ? key : undefined)) return;
    await take(theirs ?? (await first(generateKey())));
    isExternal = theirs !== undefined;
    log.info(
      isExternal
        ? "the API key was changed beside this server: the new one is in force, and the one before is refused"
        : "the API key was taken away beside this server: the servers' own one is in force, in each data folder's api-key",
    );
  };
  return poll(look, (err) => log.warn({ err }, "whether the API key was changed could not be seen"), everyMs);
};
