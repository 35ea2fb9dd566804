import { type HitagiError, isHitagiError } from "@hitagi/contract";
import { Redis, type RedisOptions } from "ioredis";
import { redisError, unreachableFor } from "./redis-error.ts";

/** Where the primary is, or why nobody says. */
type Primary = { host: string; port: number } | { error: HitagiError };

/** Milliseconds that a sentinel may take. */
const ASK_MS = 1000;

const ask = async (options: RedisOptions, at: object): Promise<unknown> => {
  const { sentinelPassword: password, sentinelTLS: tls, name = "" } = options;
  const client = new Redis({
    ...at,
    ...(password && { password }),
    ...(tls && { tls }),
    ...{ lazyConnect: true, connectTimeout: ASK_MS, commandTimeout: ASK_MS, retryStrategy: () => null },
  });
  let fault: unknown;
  client.on("error", (e: unknown) => {
    fault ??= e;
  });
  try {
    await client.connect();
    return await client.call("SENTINEL", "GET-MASTER-ADDR-BY-NAME", name);
  } catch (e) {
    throw fault ?? e;
  } finally {
    client.disconnect();
  }
};

/** Asks the sentinels of an address, one after the other, for its primary. */
export const askSentinels = async (options: RedisOptions): Promise<Primary> => {
  let last: unknown;
  for (const at of options.sentinels ?? []) {
    try {
      const answer = await ask(options, at);
      if (Array.isArray(answer)) return { host: String(answer[0]), port: Number(answer[1]) };
      return { error: unreachableFor(`the sentinels know no primary called ${options.name}`, undefined) };
    } catch (e) {
      last = e;
    }
  }
  const error = redisError(last);
  return { error: isPassing(error) ? unreachableFor("no sentinel answers", last) : error };
};

const isPassing = (error: HitagiError): boolean => isHitagiError(error, "STORE_UNREACHABLE");

/**
 * Asks sentinels before they are waited for. What will not be otherwise in a moment is thrown: ioredis asks until somebody ends it.
 * @throws HitagiError STORE_CERTIFICATE, STORE_REFUSED
 */
export const checkSentinels = async (options: RedisOptions): Promise<void> => {
  if (!options.sentinels) return;
  const found = await askSentinels(options);
  if ("error" in found && !isPassing(found.error)) throw found.error;
};
