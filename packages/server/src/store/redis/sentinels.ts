import type { HitagiError } from "@hitagi/contract";
import { Redis, type RedisOptions } from "ioredis";
import { redisError, replyKind, unreachableFor } from "./redis-error.ts";

/** Where the primary is, or why nobody says. */
type Primary = { host: string; port: number } | { error: HitagiError };

const ask = async (options: RedisOptions, at: object, ms: number): Promise<unknown> => {
  const { sentinelPassword: password, sentinelTLS: tls, name = "" } = options;
  const client = new Redis({
    ...at,
    ...(password && { password }),
    ...(tls && { tls }),
    ...{ lazyConnect: true, connectTimeout: ms, commandTimeout: ms, retryStrategy: () => null },
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

/** Asks the sentinels of an address, one after the other, for its primary. @param ms how long each may take */
export const askSentinels = async (options: RedisOptions, ms: number): Promise<Primary> => {
  let last: unknown;
  for (const at of options.sentinels ?? []) {
    try {
      const answer = await ask(options, at, ms);
      if (Array.isArray(answer)) return { host: String(answer[0]), port: Number(answer[1]) };
      return { error: unreachableFor(`the sentinels know no primary called ${options.name}`, undefined) };
    } catch (e) {
      last = e;
    }
  }
  // Where one was reached that did not let us in, that is what has to be known.
  if (replyKind(last) !== "") return { error: redisError(last) };
  return { error: unreachableFor("no sentinel answers", last) };
};
