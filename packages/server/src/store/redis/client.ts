import { Redis, type RedisOptions } from "ioredis";

/** Attempts to connect until commands that wait for it fail: 3 to 4 s. */
const MAX_RETRIES = 7;
/** The longest time between two attempts, in milliseconds; the first one comes after 50. */
const LONGEST_PAUSE_MS = 500;

/**
 * A command whose answer was lost is not sent again: Redis may have run it. Commands that could not be sent wait a short time
 * for Redis to come back.
 */
export const SETTINGS: RedisOptions = {
  lazyConnect: true,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: MAX_RETRIES,
  retryStrategy: (times) => Math.min(LONGEST_PAUSE_MS, 50 * 2 ** Math.min(times - 1, 5)),
  // A Redis that loads its data says how long it takes, but may be ready sooner.
  maxLoadingRetryTime: LONGEST_PAUSE_MS,
  connectTimeout: 5000,
  // A refused connection keeps the process alive for this long.
  disconnectTimeout: 200,
  connectionName: "hitagi",
};

/**
 * Limits by which a command that cannot be sent fails within its timeout, so that it is not sent after its caller gave up.
 * @param timeoutMs milliseconds after which a command without a reply has failed
 */
export const retryLimits = (timeoutMs: number): RedisOptions => ({
  maxRetriesPerRequest: Math.max(0, Math.min(MAX_RETRIES, Math.floor(timeoutMs / 2 / LONGEST_PAUSE_MS) - 1)),
  connectTimeout: Math.min(5000, timeoutMs / 2),
});

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

/** Milliseconds after which a wait ends at the latest, so that other changes of the stream are seen. */
const BLOCK_MS = 5000;
/** Milliseconds between a wait that failed and the next one. */
const PAUSE_MS = 1000;
/** Entries that one answer has at most. */
const READ_AT_ONCE = 100;

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

/** An entry of a stream: its id, and names and values in turn. */
export type StreamEntry = [id: string, fields: string[]];

/** Waits for a stream to grow. */
interface StreamWait {
  /**
   * The entries after an id, soon after the stream holds some. Undefined where the stream has to be read instead: after a lost connection,
   * after some seconds, and for `$`, the end of the stream.
   */
  until(id: string): Promise<StreamEntry[] | undefined>;
  end(): void;
}

/** The entries in an answer of XREAD for one stream; a timeout has none. */
const entriesIn = (reply: unknown): StreamEntry[] | undefined =>
  (reply as [stream: string, entries: StreamEntry[]][] | null)?.[0]?.[1];

/** Waits on a connection of its own: Redis runs no other command on a connection that blocks. */
export const createStreamWait = (options: RedisOptions, stream: string): StreamWait => {
  const client = new Redis({
    ...options,
    ...SETTINGS,
    // The newer protocol answers XREAD in another form.
    protocol: 2,
    maxRetriesPerRequest: null,
    commandTimeout: BLOCK_MS + PAUSE_MS,
    socketTimeout: BLOCK_MS + PAUSE_MS,
  });
  let wake: () => void = () => {};
  // A failure ends a wait early or late; the stream is read after it.
  client.on("error", () => {});
  client.on("close", () => wake());
  return {
    until: (id) =>
      new Promise((resolve) => {
        wake = () => resolve(undefined);
        const read = client.call("XREAD", "BLOCK", BLOCK_MS, "COUNT", READ_AT_ONCE, "STREAMS", stream, id);
        read.then(
          (reply) => resolve(id === "$" ? undefined : entriesIn(reply)),
          () => setTimeout(wake, PAUSE_MS).unref(),
        );
      }),
    end: () => client.disconnect(),
  };
};
