import type { Redis } from "ioredis";

/** An answer that did not come in time. */
class Unanswered extends Error {
  readonly code = "ETIMEDOUT";
}

/**
 * Waits for the answers of a client, each for so long. ioredis forgets commands that it does not send again; here they fail
 * as soon as the connection does, of what it failed of.
 */
export const createInFlight = (client: Redis, patienceMs: number) => {
  const waiting = new Set<(error: unknown) => void>();
  let fault: unknown;
  // Each failure is thrown to whoever waits for a command; without a listener ioredis would print it.
  client.on("error", (error: unknown) => {
    fault = error;
  });
  client.on("ready", () => {
    fault = undefined;
  });
  client.on("close", () => {
    for (const reject of waiting) reject(fault ?? new Error("the connection was lost"));
    waiting.clear();
  });
  return {
    /** Why there is no connection, as far as that is known. */
    fault: () => fault,
    answered: <T>(sent: Promise<T>): Promise<T> =>
      new Promise((resolve, reject) => {
        const fail = (error: unknown): void => {
          clearTimeout(late);
          waiting.delete(fail);
          reject(error);
        };
        const late = setTimeout(() => fail(new Unanswered("it did not answer")), patienceMs);
        // What waits for the connection has its own end.
        if (client.status === "ready") waiting.add(fail);
        sent.then((answer) => {
          clearTimeout(late);
          waiting.delete(fail);
          resolve(answer);
        }, fail);
      }),
  };
};
