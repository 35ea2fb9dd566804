import { Redis, type RedisOptions } from "ioredis";
import { SETTINGS } from "./connection.ts";

/** Milliseconds after which a wait ends at the latest; what else may have happened to the stream is looked for then. */
const BLOCK_MS = 5000;
/** Milliseconds until it is waited again after a wait that failed. */
const PAUSE_MS = 1000;

/** Waits for a stream to grow. */
export interface StreamWait {
  /** Resolves, soon, once the stream holds something after an id; also where the connection was lost, and now and then. */
  until(id: string): Promise<void>;
  end(): void;
}

/** Waits on a connection of its own, because Redis answers nothing else on one that waits. */
export const createStreamWait = (options: RedisOptions, stream: string): StreamWait => {
  const client = new Redis({
    ...options,
    ...SETTINGS,
    maxRetriesPerRequest: null,
    commandTimeout: BLOCK_MS + PAUSE_MS,
    socketTimeout: BLOCK_MS + PAUSE_MS,
  });
  let goOn: () => void = () => {};
  // What goes wrong shows as a wait that ends early or late, after which the stream is read in any case.
  client.on("error", () => {});
  client.on("close", () => goOn());
  return {
    until: (id) =>
      new Promise((resolve) => {
        goOn = resolve;
        const asked = client.call("XREAD", "BLOCK", BLOCK_MS, "COUNT", 1, "STREAMS", stream, id);
        asked.then(
          () => resolve(),
          () => setTimeout(resolve, PAUSE_MS).unref(),
        );
      }),
    end: () => client.disconnect(),
  };
};
