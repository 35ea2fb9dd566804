import { HitagiError, isHitagiError } from "@hitagi/contract";
import type { RedisOptions } from "ioredis";
import { createBadRecords } from "../bad-records.ts";
import { copyIntoFile } from "../copy-records.ts";
import { findBadRecords } from "../record-streams.ts";
import type { Store, StoreOptions } from "../types.ts";
import { redisOptions } from "./address.ts";
import { createArchiveStore, createSeenArchiveStore } from "./archives.ts";
import { createArtifactShare, createPendingArtifacts } from "./artifact-share.ts";
import { createBatchStore } from "./batches.ts";
import { createPluginCacheStore } from "./cache.ts";
import { createCatalogStore } from "./catalog.ts";
import { createCategoryStore } from "./categories.ts";
import { adviceOn, checkServer, checkServerInfo, identify, readInfo } from "./check-server.ts";
import { type Connection, connect } from "./connection.ts";
import { mendKeys, noteDamagedKeys, withMending } from "./damaged-keys.ts";
import { diagnose } from "./diagnose.ts";
import { createDocumentStore } from "./documents.ts";
import { createExternalWatches } from "./external-watch.ts";
import { createFeed } from "./feed.ts";
import { createHistoryStore } from "./history.ts";
import { createJobClaims, createJobStore } from "./jobs.ts";
import { createKeyStore } from "./keys.ts";
import { createLocks, createRateLimiter } from "./locks.ts";
import { CONFIG, names } from "./names.ts";
import { createNodes, LEASE_MS } from "./nodes.ts";
import { createPluginLogStore } from "./plugin-logs.ts";
import { createPluginStore } from "./plugins.ts";
import { unlessWrongType } from "./records.ts";
import { createRegistryStore } from "./registries.ts";
import { createRequestStore } from "./requests.ts";
import { createSeenVersionStore } from "./seen-versions.ts";
import { createStorePort } from "./store-port.ts";
import { createTrustStore } from "./trust.ts";

export interface RedisStoreOptions extends StoreOptions {
  /** The time in epoch seconds. */
  now?: () => number;
  /** Milliseconds until the lock of a process that died or stopped ends. */
  lockMs?: number;
  /** Milliseconds that a node may work with what it has read; the same on all nodes of a store. */
  leaseMs?: number;
}

type Options = Required<Omit<RedisStoreOptions, "ca" | "onBadRecord">>;

const warn = (error: unknown): void => process.emitWarning(error instanceof Error ? error : String(error));

const withDefaults = (options: RedisStoreOptions): Options => ({
  now: () => Date.now() / 1000,
  lockMs: 10_000,
  leaseMs: LEASE_MS,
  timeoutMs: 10_000,
  onError: warn,
  onAdvice: () => {},
  bytesElsewhere: false,
  readIndex: async () => undefined,
  ...options,
});

/** Checks that Redis accepts a write, and that its settings are still right. */
const check = async (connection: Connection, redis: RedisOptions, now: () => number): Promise<void> => {
  try {
    checkServerInfo(await readInfo(connection));
    await mendKeys(connection);
    await connection.command("HSET", names.store, "checked", Math.floor(now()));
  } catch (e) {
    throw isHitagiError(e) ? await diagnose(e, redis) : e;
  }
};

const assemble = async (
  connection: Connection,
  redis: RedisOptions,
  { now, readIndex, lockMs, leaseMs, bytesElsewhere, onError }: Options,
): Promise<Store> => {
  const locks = createLocks(connection, { lifeMs: lockMs, onError });
  const { feed, end } = createFeed(connection, redis, { onError });
  const externalWatches = createExternalWatches(redis, leaseMs);
  const parts = {
    registries: createRegistryStore(connection),
    catalog: createCatalogStore(connection, { readIndex, now }),
    seenVersions: createSeenVersionStore(connection),
    plugins: createPluginStore(connection, bytesElsewhere),
    jobs: createJobStore(connection),
    batches: createBatchStore(connection),
    archives: createArchiveStore(connection),
    known: createSeenArchiveStore(connection),
    categories: createCategoryStore(connection),
    documents: createDocumentStore(connection),
    keys: createKeyStore(connection),
    history: createHistoryStore(connection),
    trust: createTrustStore(connection),
    pluginLogs: createPluginLogStore(connection, now),
    cache: createPluginCacheStore(connection, now),
    locks: { tryAcquire: locks.tryAcquire },
  };
  const port = createStorePort(connection, parts);
  return {
    ...parts,
    shared: {
      id: await identify(connection),
      nodes: createNodes(connection, leaseMs),
      watchExternal: externalWatches.watch,
      claims: createJobClaims(connection),
      feed,
      rateLimiter: createRateLimiter(connection),
      requests: createRequestStore(connection),
      artifacts: createArtifactShare(connection),
      pendingArtifacts: createPendingArtifacts(connection),
    },
    lanraragi: {
      setting: async (name) => {
        const value = await unlessWrongType<unknown>(connection, { [CONFIG]: "hash" }, null, () =>
          connection.command("HGET", CONFIG, name),
        );
        return typeof value === "string" ? value : undefined;
      },
    },
    check: () => check(connection, redis, now),
    faults: async () => [],
    badRecords: () => findBadRecords(connection.bad, port, () => noteDamagedKeys(connection)),
    copy: (place) => copyIntoFile(port, place),
    close: async () => {
      end();
      externalWatches.end();
      await connection.settled();
      await locks.close();
      await connection.close();
    },
  };
};

/**
 * Opens the store in a database of a Redis or Valkey, which LANraragi may use as well.
 * @param address see parseRedisAddress
 * @throws HitagiError CONFIG_INVALID, STORE_UNREACHABLE, STORE_REFUSED, STORE_CERTIFICATE, STORE_UNFIT, STORE_READ_ONLY, STORE_FULL,
 *   STORE_UNFINISHED, STORE_FAILED
 */
export const openRedisStore = async (address: string, given: RedisStoreOptions = {}): Promise<Store> => {
  const options = withDefaults(given);
  const redis = redisOptions(address, given.ca);
  const connection = withMending(
    await connect(redis, options.timeoutMs, createBadRecords(given.onBadRecord)),
  );
  try {
    const advice = adviceOn(await checkServer(connection, { options: redis, timeoutMs: options.timeoutMs }));
    if (advice) options.onAdvice(advice);
    if ((await connection.command("EXISTS", names.copyMark)) === 1) throw new HitagiError("STORE_UNFINISHED");
    return await assemble(connection, redis, options);
  } catch (e) {
    await connection.close();
    throw e;
  }
};
