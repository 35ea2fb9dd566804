import { HitagiError, isHitagiError } from "@hitagi/contract";
import type { RedisOptions } from "ioredis";
import { copyIntoFile } from "../copy-records.ts";
import type { ReadIndex, Store } from "../types.ts";
import { createArchiveStore } from "./archives.ts";
import { createArtifactShare, createPendingArtifacts } from "./artifact-share.ts";
import { createBatchStore } from "./batches.ts";
import { createPluginCacheStore } from "./cache.ts";
import { createCatalogStore } from "./catalog.ts";
import { type Connection, connect } from "./connection.ts";
import { explain } from "./explain.ts";
import { findFaults } from "./faults.ts";
import { createFeed } from "./feed.ts";
import { adviceOn, checkFitness, checkInfo, readInfo } from "./fitness.ts";
import { createHistoryStore } from "./history.ts";
import { identityOf } from "./identity.ts";
import { createJobClaims, createJobStore } from "./jobs.ts";
import { createKeyStore } from "./keys.ts";
import { createKnownStore } from "./known.ts";
import { LEASE_MS } from "./lease.ts";
import { createLocks } from "./locks.ts";
import { names } from "./names.ts";
import { createNodes } from "./nodes.ts";
import { createPluginStore } from "./plugins.ts";
import { createRateLimiter } from "./rate-limiter.ts";
import { createRegistryStore } from "./registries.ts";
import { createRequestStore } from "./requests.ts";
import { createStorePort } from "./streams/store-port.ts";
import { optionsOf } from "./trust.ts";

export interface RedisStoreOptions {
  /** The time in epoch seconds. */
  now?: () => number;
  /** Milliseconds that a lock outlives a process that died or stopped. */
  lockMs?: number;
  /** Milliseconds that a node may work with what it knows; the same on all nodes of a store. */
  leaseMs?: number;
  /** Milliseconds after which what Redis did not answer has failed. */
  patienceMs?: number;
  /** Told of what failed in the background. */
  onError?: (error: unknown) => void;
  /** Told of what the owner should know of how Redis is set up. */
  onAdvice?: (advice: string) => void;
  /** Whether servers share the bytes of versions elsewhere. */
  bytesElsewhere?: boolean;
  /** Without it an index that LANraragi cached counts as none. */
  readIndex?: ReadIndex;
  /** Certificates of authorities that are trusted beside the usual ones, as PEM text. */
  ca?: string | undefined;
}

type Options = Required<Omit<RedisStoreOptions, "ca">>;

const warn = (error: unknown): void => process.emitWarning(error instanceof Error ? error : String(error));

const withDefaults = (options: RedisStoreOptions): Options => ({
  now: () => Date.now() / 1000,
  lockMs: 10_000,
  leaseMs: LEASE_MS,
  patienceMs: 10_000,
  onError: warn,
  onAdvice: () => {},
  bytesElsewhere: false,
  readIndex: async () => undefined,
  ...options,
});

/** Writes, so that a Redis that takes no changes shows, and looks whether it was set up otherwise meanwhile. */
const check = async (connection: Connection, redis: RedisOptions, now: () => number): Promise<void> => {
  try {
    checkInfo(await readInfo(connection));
    await connection.command("HSET", names.store, "checked", Math.floor(now()));
  } catch (e) {
    throw isHitagiError(e) ? await explain(e, redis) : e;
  }
};

const assemble = async (
  connection: Connection,
  redis: RedisOptions,
  { now, readIndex, lockMs, leaseMs, bytesElsewhere, onError }: Options,
): Promise<Store> => {
  const locks = createLocks(connection, { lifeMs: lockMs, onError });
  const { feed, end } = createFeed(connection, redis, { onError });
  const parts = {
    registries: createRegistryStore(connection),
    catalog: createCatalogStore(connection, { readIndex, now }),
    plugins: createPluginStore(connection, bytesElsewhere),
    jobs: createJobStore(connection),
    batches: createBatchStore(connection),
    archives: createArchiveStore(connection),
    known: createKnownStore(connection),
    keys: createKeyStore(connection),
    history: createHistoryStore(connection),
    cache: createPluginCacheStore(connection, now),
    locks: { tryAcquire: locks.tryAcquire },
  };
  return {
    ...parts,
    shared: {
      id: await identityOf(connection),
      nodes: createNodes(connection, leaseMs),
      claims: createJobClaims(connection),
      feed,
      rateLimiter: createRateLimiter(connection),
      requests: createRequestStore(connection),
      artifacts: createArtifactShare(connection),
      pendingArtifacts: createPendingArtifacts(connection),
    },
    check: () => check(connection, redis, now),
    faults: () => findFaults(parts),
    copy: (place) => copyIntoFile(createStorePort(connection, parts), place),
    close: async () => {
      end();
      await connection.settled();
      await locks.close();
      await connection.close();
    },
  };
};

/**
 * Opens the store in a database of a Redis or Valkey, which LANraragi may use beside.
 * @param address see parseRedisAddress
 * @throws HitagiError CONFIG_INVALID, STORE_UNREACHABLE, STORE_REFUSED, STORE_CERTIFICATE, STORE_UNFIT, STORE_READ_ONLY, STORE_FULL,
 *   STORE_UNFINISHED, STORE_FAILED
 */
export const openRedisStore = async (address: string, given: RedisStoreOptions = {}): Promise<Store> => {
  const options = withDefaults(given);
  const redis = optionsOf(address, given.ca);
  const reached = { options: redis, patienceMs: options.patienceMs };
  const connection = await connect(redis, options.patienceMs);
  try {
    const advice = adviceOn(await checkFitness(connection, reached));
    if (advice) options.onAdvice(advice);
    if ((await connection.command("EXISTS", names.transfer)) === 1) throw new HitagiError("STORE_UNFINISHED");
    return await assemble(connection, redis, options);
  } catch (e) {
    await connection.close();
    throw e;
  }
};
