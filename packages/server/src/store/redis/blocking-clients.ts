import { Redis, type RedisOptions } from "ioredis";
import { SETTINGS } from "./client.ts";

/** Milliseconds after which a wait ends at the latest, so that other changes of the stream are seen. */
const BLOCK_MS = 5000;
/** Milliseconds between a wait that failed and the next one. */
const PAUSE_MS = 1000;

/**
 * Subscribes to a channel, on a connection of its own as Redis demands. It reconnects until it is ended.
 * @param listener called for each message, and whenever messages may have been missed
 * @returns ends the subscription
 */
export const subscribe = (options: RedisOptions, channel: string, listener: () => void): (() => void) => {
  const client = new Redis({ ...options, ...SETTINGS, autoResubscribe: false, maxRetriesPerRequest: null });
  let ended = false;
  // A failure shows as messages that do not come, which no listener may rely on.
  client.on("error", () => {});
  const notify = (): void => {
    if (!ended) listener();
  };
  client.on("message", notify);
  client.on("ready", () => void client.subscribe(channel).then(notify, () => {}));
  client.connect().catch(() => {});
  return () => {
    ended = true;
    client.disconnect();
  };
};

/** Waits for a stream to grow. */
export interface StreamWait {
  /** Resolves soon after the stream holds something after an id, after a lost connection, and after some seconds. */
  until(id: string): Promise<void>;
  end(): void;
}

/** Waits on a connection of its own: Redis runs no other command on a connection that blocks. */
export const createStreamWait = (options: RedisOptions, stream: string): StreamWait => {
  const client = new Redis({
    ...options,
    ...SETTINGS,
    maxRetriesPerRequest: null,
    commandTimeout: BLOCK_MS + PAUSE_MS,
    socketTimeout: BLOCK_MS + PAUSE_MS,
  });
  let wake: () => void = () => {};
  // A failure ends a wait early or late; the stream is read after it in any case.
  client.on("error", () => {});
  client.on("close", () => wake());
  return {
    until: (id) =>
      new Promise((resolve) => {
        wake = resolve;
        const read = client.call("XREAD", "BLOCK", BLOCK_MS, "COUNT", 1, "STREAMS", stream, id);
        read.then(
          () => resolve(),
          () => setTimeout(resolve, PAUSE_MS).unref(),
        );
      }),
    end: () => client.disconnect(),
  };
};
