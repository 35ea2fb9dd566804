import type { Logger } from "pino";
import { repeat } from "../async/repeat.ts";
import { type ApiKey, generateKey, writeApiKey } from "../keys/api-key-file.ts";
import type { FirstKey } from "../keys/first-key.ts";
import type { KeyStore } from "../store/types.ts";

export interface PollApiKeyDeps {
  keys: Pick<KeyStore, "shared" | "first">;
  data: string;
  /** What the key was at the start. */
  apiKey: Pick<ApiKey, "key" | "file" | "isExternal">;
  firstKey: Pick<FirstKey, "replace">;
  log: Pick<Logger, "info" | "warn">;
  /** Milliseconds between two polls. */
  everyMs?: number;
}

/**
 * Follows the API key that another program keeps in the store, which LANraragi's owner changes in its settings. Where
 * that key is removed, the servers' own key is used again.
 * @returns stops polling
 */
export const pollApiKey = (deps: PollApiKeyDeps): (() => Promise<void>) => {
  const { keys, data, apiKey, firstKey, log, everyMs = 30_000 } = deps;
  const { first } = keys;
  let { key, isExternal } = apiKey;

  // A configured key does not change, and no other program writes to a store of one server.
  if (apiKey.file === undefined || first === undefined) return async () => {};

  const use = async (next: string): Promise<void> => {
    firstKey.replace(next);
    await writeApiKey(data, next);
    key = next;
  };
  const compare = async (): Promise<void> => {
    const external = await keys.shared();
    if (external === (isExternal ? key : undefined)) return;
    await use(external ?? (await first(generateKey())));
    isExternal = external !== undefined;
    log.info(
      isExternal
        ? "another program changed the API key: the new one is used, and the one before is refused"
        : "another program removed the API key: the servers' own one is used, which is in each data folder's api-key",
    );
  };
  const onError = (err: unknown) => log.warn({ err }, "the API key in the store could not be read");
  return repeat(compare, { everyMs, onError });
};
