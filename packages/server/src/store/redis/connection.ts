import { HitagiError } from "@hitagi/contract";
import { Redis, type RedisOptions } from "ioredis";
import { type BadRecords, createBadRecords } from "../bad-records.ts";
import { createPendingReplies, retryLimits, SETTINGS, subscribe } from "./client.ts";
import { checkSentinels, diagnose } from "./diagnose.ts";
import { isGivenUp, isUncertain, redisError, replyKind } from "./redis-error.ts";
import { type Args, encodeCall, type Keys, type Script, type Value } from "./script.ts";

/** The one connection of a store, through which all parts of it read and write. */
export interface Connection {
  readonly bad: BadRecords;
  /** Runs a script. It answers text, numbers, null and lists of them; the caller names their type. */
  run<T = unknown>(script: Script, keys?: Keys, args?: Args): Promise<T>;
  /** The same; text in the answer is bytes. */
  runForBytes(script: Script, keys?: Keys, args?: Args): Promise<unknown>;
  /**
   * Runs an idempotent script, again if its answer was lost.
   * @throws HitagiError STORE_UNREACHABLE if Redis does not come back in time
   */
  runIdempotent(script: Script, keys?: Keys, args?: Args): Promise<unknown>;
  command<T = unknown>(name: string, ...args: Value[]): Promise<T>;
  bytes(name: string, ...args: Value[]): Promise<unknown>;
  /** The keys that match a pattern. Each key that exists during the whole scan is among them. */
  scan(pattern: string): Promise<string[]>;
  /** See {@link subscribe}. */
  subscribe(channel: string, listener: () => void): () => void;
  /** Runs work of several calls, whose end {@link settled} waits for. */
  track<T>(work: () => Promise<T>): Promise<T>;
  settled(): Promise<void>;
  /** Ends the connection. A second call does nothing. */
  close(): Promise<void>;
}

const SCRIPT_TRIES = 4;
const SCAN_COUNT = 1000;

type PendingReplies = ReturnType<typeof createPendingReplies>;

const isUnknownScript = (e: unknown): boolean => replyKind(e) === "NOSCRIPT";

/** Milliseconds after a reply timed out until the connection is closed as well. */
const GIVE_UP_MS = 100;

/** A primary that became a replica refuses all changes; the sentinels name the new primary. */
const afterFailover = ({ sentinels }: RedisOptions): RedisOptions =>
  sentinels ? { reconnectOnError: (error) => replyKind(error) === "READONLY" } : {};

/**
 * Connects.
 * @param timeoutMs milliseconds after which a command without a reply has failed
 * @throws HitagiError STORE_UNREACHABLE, STORE_REFUSED, STORE_CERTIFICATE
 */
export const connect = async (
  options: RedisOptions,
  timeoutMs: number,
  bad: BadRecords = createBadRecords(),
): Promise<Connection> => {
  await checkSentinels(options);
  // Without it, a connection whose machine died would stay until the operating system gives it up.
  const socketTimeout = timeoutMs + GIVE_UP_MS;
  const client = new Redis({
    ...{ ...options, ...SETTINGS, ...retryLimits(timeoutMs), ...afterFailover(options) },
    socketTimeout,
  });
  const pending = createPendingReplies(client, timeoutMs);
  // ioredis asks sentinels that know no primary without end.
  const timer = setTimeout(() => client.disconnect(), timeoutMs);
  try {
    await client.connect();
  } catch (e) {
    client.disconnect();
    throw await diagnose(redisError(pending.fault() ?? e), options);
  } finally {
    clearTimeout(timer);
  }
  return createConnection(client, pending, options, bad);
};

const createConnection = (
  client: Redis,
  pending: PendingReplies,
  options: RedisOptions,
  bad: BadRecords,
): Connection => {
  const tracked = new Set<Promise<unknown>>();
  const subscriptions = new Set<() => void>();
  let ended = false;
  let closed: Promise<void> | undefined;

  const send = (asBytes: boolean, name: string, args: readonly Value[]): Promise<unknown> => {
    if (ended) throw new HitagiError("STORE_FAILED", { reason: "it is closed" });
    return pending.reply(asBytes ? client.callBuffer(name, ...args) : client.call(name, ...args));
  };
  const guarded = async <T>(call: () => Promise<T>): Promise<T> => {
    try {
      return await call();
    } catch (e) {
      throw redisError(isGivenUp(e) ? (pending.fault() ?? e) : e);
    }
  };

  const evaluate = async (asBytes: boolean, { lua, sha1 }: Script, keys: Keys = {}, args: Args = {}) => {
    const given = encodeCall(keys, args);
    try {
      return await send(asBytes, "EVALSHA", [sha1, ...given]);
    } catch (e) {
      if (!isUnknownScript(e)) throw e;
      return send(asBytes, "EVAL", [lua, ...given]);
    }
  };
  const evaluateSurely: Connection["runIdempotent"] = async (...given) => {
    for (let tries = 1; ; tries++) {
      try {
        return await evaluate(false, ...given);
      } catch (e) {
        if (!isUncertain(e) || tries === SCRIPT_TRIES) throw e;
      }
    }
  };
  const scan = async (pattern: string): Promise<string[]> => {
    const found = new Set<string>();
    for (let cursor = "0"; ; ) {
      const args = [cursor, "MATCH", pattern, "COUNT", SCAN_COUNT];
      const [next, keys] = (await send(false, "SCAN", args)) as [string, string[]];
      for (const key of keys) found.add(key);
      if (next === "0") return [...found];
      cursor = next;
    }
  };
  const close = async (): Promise<void> => {
    ended = true;
    for (const end of subscriptions) end();
    // QUIT fails if Redis is gone.
    await pending.reply(client.quit()).catch(() => client.disconnect());
  };

  return {
    bad,
    run: <T>(script: Script, keys?: Keys, args?: Args) =>
      guarded(() => evaluate(false, script, keys, args)) as Promise<T>,
    runForBytes: (...given) => guarded(() => evaluate(true, ...given)),
    runIdempotent: (...given) => guarded(() => evaluateSurely(...given)),
    command: <T>(name: string, ...args: Value[]) =>
      guarded(async () => send(false, name, args)) as Promise<T>,
    bytes: (name, ...args) => guarded(async () => send(true, name, args)),
    scan: (pattern) => guarded(() => scan(pattern)),
    subscribe: (channel, listener) => {
      const end = subscribe(options, channel, listener);
      subscriptions.add(end);
      return () => {
        subscriptions.delete(end);
        end();
      };
    },
    track: async (work) => {
      const running = work();
      tracked.add(running);
      try {
        return await running;
      } finally {
        tracked.delete(running);
      }
    },
    settled: async () => void (await Promise.allSettled(tracked)),
    close: () => {
      closed ??= close();
      return closed;
    },
  };
};
