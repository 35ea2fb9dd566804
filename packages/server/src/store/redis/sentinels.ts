import { type HitagiError, isHitagiError } from "@hitagi/contract";
import { Redis, type RedisOptions } from "ioredis";
import { redisError, unreachableFor } from "./redis-error.ts";

/** Where the primary is, or why that is not known. */
type Primary = { host: string; port: number } | { error: HitagiError };

/** Milliseconds that a sentinel may take to answer. */
const TIMEOUT_MS = 1000;

const query = async (options: RedisOptions, at: object): Promise<unknown> => {
  const { sentinelPassword: password, sentinelTLS: tls, name = "" } = options;
  const client = new Redis({
    ...at,
    ...(password && { password }),
    ...(tls && { tls }),
    ...{
      lazyConnect: true,
      connectTimeout: TIMEOUT_MS,
      commandTimeout: TIMEOUT_MS,
      retryStrategy: () => null,
    },
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

/** Finds the primary through the sentinels of an address, which are asked one after the other. */
export const findPrimary = async (options: RedisOptions): Promise<Primary> => {
  let last: unknown;
  for (const at of options.sentinels ?? []) {
    try {
      const answer = await query(options, at);
      if (Array.isArray(answer)) return { host: String(answer[0]), port: Number(answer[1]) };
      return { error: unreachableFor(`the sentinels know no primary called ${options.name}`) };
    } catch (e) {
      last = e;
    }
  }
  const error = redisError(last);
  return { error: isTemporary(error) ? unreachableFor("no sentinel answers", last) : error };
};

const isTemporary = (error: HitagiError): boolean => isHitagiError(error, "STORE_UNREACHABLE");

/**
 * Throws what keeps the sentinels of an address from answering, if it does not pass by itself; ioredis would ask them without end.
 * @throws HitagiError STORE_CERTIFICATE, STORE_REFUSED
 */
export const checkSentinels = async (options: RedisOptions): Promise<void> => {
  if (!options.sentinels) return;
  const found = await findPrimary(options);
  if ("error" in found && !isTemporary(found.error)) throw found.error;
};
