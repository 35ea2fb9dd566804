import type { Redis, RedisOptions } from "ioredis";

/** Attempts to connect, 50 ms to half a second apart, until commands that wait for it fail: 3 to 4 s. */
const MAX_RETRIES = 7;

/**
 * A command whose answer was lost is not sent again: Redis may have run it. Commands that could not be sent wait a short time
 * for Redis to come back.
 */
export const SETTINGS: RedisOptions = {
  lazyConnect: true,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: MAX_RETRIES,
  retryStrategy: (times) => Math.min(500, 50 * 2 ** Math.min(times - 1, 5)),
  connectTimeout: 5000,
  // A refused connection keeps the process alive for this long.
  disconnectTimeout: 200,
  connectionName: "hitagi",
};

class ReplyTimeout extends Error {
  readonly code = "ETIMEDOUT";
}

/**
 * Waits for the replies of a client, each for a limited time. ioredis forgets commands that it does not send again; here they
 * fail with the connection, for the same reason.
 */
export const createPendingReplies = (client: Redis, timeoutMs: number) => {
  const pending = new Set<(error: unknown) => void>();
  let fault: unknown;
  // Each failure reaches the caller of a command; without a listener ioredis would print it.
  client.on("error", (error: unknown) => {
    fault = error;
  });
  client.on("ready", () => {
    fault = undefined;
  });
  client.on("close", () => {
    for (const reject of pending) reject(fault ?? new Error("the connection was lost"));
    pending.clear();
  });
  return {
    /** Why there is no connection, if that is known. */
    fault: () => fault,
    reply: <T>(sent: Promise<T>): Promise<T> =>
      new Promise((resolve, reject) => {
        const fail = (error: unknown): void => {
          clearTimeout(timer);
          pending.delete(fail);
          reject(error);
        };
        const timer = setTimeout(() => fail(new ReplyTimeout("it did not answer")), timeoutMs);
        // A command that waits for the connection has a limit of its own.
        if (client.status === "ready") pending.add(fail);
        sent.then((answer) => {
          clearTimeout(timer);
          pending.delete(fail);
          resolve(answer);
        }, fail);
      }),
  };
};
