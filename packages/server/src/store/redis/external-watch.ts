import { Redis, type RedisOptions } from "ioredis";
import { createLease } from "../../async/lease.ts";
import type { ExternalWatch } from "../types.ts";
import { SETTINGS } from "./client.ts";
import { names } from "./names.ts";

/** The names of registries and of their indexes begin with it. */
const PREFIX = "REG_";
/** The channel on which Redis sends the names of changed keys. */
const INVALIDATE = "__redis__:invalidate";
/** Times in the life of a lease that the connection is tested. */
const TESTS = 3;

/**
 * Follows the keys of registries by Redis' tracking for caches (`CLIENT TRACKING`): it sends the names of changed keys to a connection that
 * subscribes to any channel. An answer on the connection tells that all was received which was sent before it, so a watch is complete for
 * a lease after each answer. It is never complete for a user who may not track keys.
 */
const watchExternal = (options: RedisOptions, leaseMs: number, listener: () => void): ExternalWatch => {
  const lease = createLease(leaseMs);
  let isTracking = false;
  const client = new Redis({
    ...{ ...options, ...SETTINGS },
    // With the newer protocol, ioredis drops what Redis sends of changed keys.
    ...{ protocol: 2, autoResubscribe: false, maxRetriesPerRequest: null },
    // A connection whose other end is silent would stay, and the watch incomplete, until the operating system gives it up.
    socketTimeout: leaseMs,
  });
  const test = async (): Promise<void> => {
    const asked = lease.mark();
    await client.ping();
    lease.from(asked);
  };
  const begin = async (): Promise<void> => {
    const id = await client.client("ID");
    await client.call("CLIENT", "TRACKING", "ON", "REDIRECT", id, "BCAST", "PREFIX", PREFIX);
    await client.subscribe(names.changed);
    await test();
    isTracking = true;
    listener();
  };
  const stop = (): void => {
    isTracking = false;
  };
  // A failure shows as a watch that is not complete.
  client.on("error", () => {});
  client.on("close", stop);
  client.on("ready", () => void begin().catch(stop));
  client.on("message", (channel) => {
    if (channel === INVALIDATE) listener();
  });
  client.connect().catch(() => {});
  const timer = setInterval(() => {
    if (isTracking) test().catch(() => {});
  }, leaseMs / TESTS);
  timer.unref();
  return {
    isComplete: () => isTracking && lease.holds(),
    end: () => {
      clearInterval(timer);
      stop();
      client.disconnect();
    },
  };
};

/** The watches on a Redis, each on a connection of its own. */
export const createExternalWatches = (options: RedisOptions, leaseMs: number) => {
  const watches = new Set<ExternalWatch>();
  return {
    watch: (listener: () => void): ExternalWatch => {
      const watch = watchExternal(options, leaseMs, listener);
      watches.add(watch);
      return watch;
    },
    end: (): void => {
      for (const watch of watches) watch.end();
    },
  };
};
