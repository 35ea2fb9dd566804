import { createHash } from "node:crypto";
import { HitagiError } from "@hitagi/contract";
import { Redis, type RedisOptions } from "ioredis";
import { explain } from "./explain.ts";
import { createInFlight } from "./in-flight.ts";
import { isUncertain, redisError, replyKind } from "./redis-error.ts";
import { checkSentinels } from "./sentinels.ts";

/** A change or a read that Redis makes as one, in Lua. */
export interface Script {
  readonly lua: string;
  /** By which Redis knows it once it has seen it. */
  readonly sha1: string;
}

export const script = (lua: string): Script => ({
  lua,
  sha1: createHash("sha1").update(lua).digest("hex"),
});

type Value = string | number | Buffer;

/** The one connection of a store, through which every sub-store reads and writes. */
export interface Connection {
  /** Runs a script; its answer is text, numbers, null and lists of them. */
  run(script: Script, keys: readonly string[], args?: readonly Value[]): Promise<unknown>;
  /** The same, where text in the answer is bytes. */
  runForBytes(script: Script, keys: readonly string[], args?: readonly Value[]): Promise<unknown>;
  /**
   * Runs a script that may run twice without harm, and so runs again where its answer was lost.
   * @throws HitagiError STORE_UNREACHABLE where Redis does not come back in time
   */
  runSurely(script: Script, keys: readonly string[], args?: readonly Value[]): Promise<unknown>;
  command(name: string, ...args: Value[]): Promise<unknown>;
  bytes(name: string, ...args: Value[]): Promise<unknown>;
  /** The keys that match a pattern; each that is there all the while is among them. */
  scan(pattern: string): Promise<string[]>;
  /**
   * Calls back for each message of a channel, and each time that messages may have been missed. @returns ends that
   */
  subscribe(channel: string, listener: () => void): () => void;
  /** Work of several calls, whose end {@link settled} waits for. */
  whole<T>(work: () => Promise<T>): Promise<T>;
  settled(): Promise<void>;
  /** Ends the connection. A second call does nothing. */
  close(): Promise<void>;
}

/** Tries to connect, 50 ms to half a second apart, after which what waits to be sent fails: 3 to 4 s. */
const MAX_RETRIES = 7;
/** Times that a sure change is tried. */
const SURE_TRIES = 4;
const SCAN_COUNT = 1000;

/**
 * A command whose answer was lost is never sent again by itself: it may have been carried out. Those that could not be
 * sent wait until Redis is back, but not for long.
 */
export const SETTINGS: RedisOptions = {
  lazyConnect: true,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: MAX_RETRIES,
  retryStrategy: (times) => Math.min(500, 50 * 2 ** Math.min(times - 1, 5)),
  connectTimeout: 5000,
  // A connection that was refused keeps a process from ending for so long.
  disconnectTimeout: 200,
  connectionName: "hitagi",
};

type InFlight = ReturnType<typeof createInFlight>;

const isUnknownScript = (e: unknown): boolean => replyKind(e) === "NOSCRIPT";

/** What could not be sent in so many tries to connect says nothing of why. */
const isGivenUp = (e: unknown): boolean => e instanceof Error && e.name === "MaxRetriesPerRequestError";

/** Milliseconds after an answer was due until the connection is given up as well: it died without a word. */
const GIVE_UP_MS = 100;

/** The old primary that is a replica now would refuse all changes; whom to ask instead, the sentinels know. */
const afterFailover = ({ sentinels }: RedisOptions): RedisOptions =>
  sentinels ? { reconnectOnError: (error) => replyKind(error) === "READONLY" } : {};

/**
 * Connects.
 * @param patienceMs milliseconds after which a command that was not answered has failed
 * @throws HitagiError STORE_UNREACHABLE, STORE_REFUSED, STORE_CERTIFICATE
 */
export const connect = async (options: RedisOptions, patienceMs: number): Promise<Connection> => {
  await checkSentinels(options);
  // A connection that died without a word, as with its machine, would be waited for until the operating system gives it up.
  const socketTimeout = patienceMs + GIVE_UP_MS;
  const client = new Redis({ ...options, ...SETTINGS, ...afterFailover(options), socketTimeout });
  const inFlight = createInFlight(client, patienceMs);
  // Sentinels that know of no primary are asked again and again; the first time, that has an end.
  const late = setTimeout(() => client.disconnect(), patienceMs);
  try {
    await client.connect();
  } catch (e) {
    client.disconnect();
    throw await explain(redisError(inFlight.fault() ?? e), options);
  } finally {
    clearTimeout(late);
  }
  return createConnection(client, inFlight, options);
};

/** A connection of its own, as Redis wants it of whoever listens. It is made again and again until it is ended. */
const listen = (options: RedisOptions, channel: string, listener: () => void): (() => void) => {
  const client = new Redis({ ...options, ...SETTINGS, autoResubscribe: false, maxRetriesPerRequest: null });
  let ended = false;
  // What goes wrong shows as messages that do not come, which nobody may count on.
  client.on("error", () => {});
  const hear = (): void => {
    if (!ended) listener();
  };
  client.on("message", hear);
  client.on("ready", () => void client.subscribe(channel).then(hear, () => {}));
  client.connect().catch(() => {});
  return () => {
    ended = true;
    client.disconnect();
  };
};

const createConnection = (client: Redis, inFlight: InFlight, options: RedisOptions): Connection => {
  const { answered } = inFlight;
  const wholes = new Set<Promise<unknown>>();
  const listening = new Set<() => void>();
  let ended = false;
  let closed: Promise<void> | undefined;

  const raw = <T>(send: () => Promise<T>): Promise<T> => {
    if (ended) throw new HitagiError("STORE_FAILED", { reason: "it is closed" });
    return answered(send());
  };
  const guarded = async <T>(send: () => Promise<T>): Promise<T> => {
    try {
      return await send();
    } catch (e) {
      throw redisError(isGivenUp(e) ? (inFlight.fault() ?? e) : e);
    }
  };
  const call = (asBytes: boolean, name: string, args: readonly Value[]): Promise<unknown> =>
    raw(() => (asBytes ? client.callBuffer(name, ...args) : client.call(name, ...args)));

  const evaluate = async (
    asBytes: boolean,
    { lua, sha1 }: Script,
    keys: readonly string[],
    args: readonly Value[],
  ) => {
    const given = [keys.length, ...keys, ...args];
    try {
      return await call(asBytes, "EVALSHA", [sha1, ...given]);
    } catch (e) {
      if (!isUnknownScript(e)) throw e;
      return call(asBytes, "EVAL", [lua, ...given]);
    }
  };
  const surely: Connection["run"] = async (lua, keys, args = []) => {
    for (let tries = 1; ; tries++) {
      try {
        return await evaluate(false, lua, keys, args);
      } catch (e) {
        if (!isUncertain(e) || tries === SURE_TRIES) throw e;
      }
    }
  };
  const scan = async (pattern: string): Promise<string[]> => {
    const found = new Set<string>();
    for (let cursor = "0"; ; ) {
      const args = [cursor, "MATCH", pattern, "COUNT", SCAN_COUNT];
      const [next, keys] = (await call(false, "SCAN", args)) as [string, string[]];
      for (const key of keys) found.add(key);
      if (next === "0") return [...found];
      cursor = next;
    }
  };
  const close = async (): Promise<void> => {
    ended = true;
    for (const stop of listening) stop();
    // Where Redis is gone there is nobody to say good-bye to.
    await answered(client.quit()).catch(() => client.disconnect());
  };

  return {
    run: (lua, keys, args = []) => guarded(() => evaluate(false, lua, keys, args)),
    runForBytes: (lua, keys, args = []) => guarded(() => evaluate(true, lua, keys, args)),
    runSurely: (...given) => guarded(() => surely(...given)),
    command: (name, ...args) => guarded(() => call(false, name, args)),
    bytes: (name, ...args) => guarded(() => call(true, name, args)),
    scan: (pattern) => guarded(() => scan(pattern)),
    subscribe: (channel, listener) => {
      const stop = listen(options, channel, listener);
      listening.add(stop);
      return () => {
        listening.delete(stop);
        stop();
      };
    },
    whole: async (work) => {
      const running = work();
      wholes.add(running);
      try {
        return await running;
      } finally {
        wholes.delete(running);
      }
    },
    settled: async () => void (await Promise.allSettled(wholes)),
    close: () => {
      closed ??= close();
      return closed;
    },
  };
};
