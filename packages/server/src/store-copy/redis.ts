import { setTimeout as sleep } from "node:timers/promises";
import { HitagiError } from "@hitagi/contract";
import type { RedisOptions } from "ioredis";
import { redisOptions } from "../store/redis/address.ts";
import { createArtifactShare } from "../store/redis/artifact-share.ts";
import { createCatalogStore } from "../store/redis/catalog.ts";
import { createCategoryStore } from "../store/redis/categories.ts";
import {
  checkLayout,
  checkServer,
  checkServerInfo,
  identify,
  readInfo,
} from "../store/redis/check-server.ts";
import { type Connection, connect } from "../store/redis/connection.ts";
import { createKeyStore } from "../store/redis/keys.ts";
import { createLocks } from "../store/redis/locks.ts";
import { CONFIG, names } from "../store/redis/names.ts";
import { createNodes, LEASE_MS } from "../store/redis/nodes.ts";
import { createPluginStore } from "../store/redis/plugins.ts";
import { createRegistryStore } from "../store/redis/registries.ts";
import { createSeenVersionStore } from "../store/redis/seen-versions.ts";
import { createStorePort } from "../store/redis/store-port.ts";
import { createTrustStore } from "../store/redis/trust.ts";
import { sharedArtifacts } from "./artifacts.ts";
import type { Endpoint, EndpointOptions, Role } from "./endpoint.ts";

/** Milliseconds after which a command without a reply has failed, and until the lock of a process that died ends. */
const [TIMEOUT_MS, HOLD_MS] = [30_000, 10_000];

/** @throws HitagiError STORE_NOT_THERE if neither program has stored anything, STORE_NEWER, STORE_UNFIT, STORE_READ_ONLY, STORE_FULL */
const checkRole = async (connection: Connection, role: Role, options: RedisOptions): Promise<void> => {
  if (role === "target") {
    await checkServer(connection, { options, timeoutMs: TIMEOUT_MS });
    return;
  }
  checkServerInfo(await readInfo(connection));
  if ((await connection.command("EXISTS", CONFIG, names.store)) === 0)
    throw new HitagiError("STORE_NOT_THERE");
  await checkLayout(connection);
};

/** @throws HitagiError STORE_IN_USE if a server is on the database, or was until it was killed some seconds ago */
const refuseUse = async (connection: Connection): Promise<void> => {
  const nodes = await createNodes(connection, LEASE_MS).list();
  if (nodes.length === 0) return;
  throw new HitagiError("STORE_IN_USE", { hosts: [...new Set(nodes.map(({ host }) => host))].join(", ") });
};

/** The lock of the one copy that may run on a database. */
const COPY = "transfer";
const RETRY_MS = 100;

interface CopyLock {
  /** @throws HitagiError STORE_COPY_BUSY if it was lost, as in a suspended process */
  check(): Promise<void>;
  end(): Promise<void>;
}

/** Locks a database for one copy; waits until the lock of a killed one has ended. @throws HitagiError STORE_COPY_BUSY */
const lockForCopy = async (connection: Connection, lifeMs: number, onWait: () => void): Promise<CopyLock> => {
  const locks = createLocks(connection, { lifeMs, onError: () => {} });
  const until = performance.now() + lifeMs * 1.2;
  for (let tries = 1; ; tries++) {
    const lock = await locks.tryAcquire(COPY);
    if (lock)
      return {
        end: locks.close,
        check: async () => {
          const token = await connection.command("GET", names.lock(COPY));
          if (token !== String(lock.token)) throw new HitagiError("STORE_COPY_BUSY");
        },
      };
    if (tries === 1) onWait();
    if (performance.now() < until) await sleep(Math.min(RETRY_MS, lifeMs / 4));
    else {
      await locks.close();
      throw new HitagiError("STORE_COPY_BUSY");
    }
  }
};

const openOn = async (
  connection: Connection,
  role: Role,
  { readIndex, share, holdMs = HOLD_MS, onWait = () => {} }: EndpointOptions,
  options: RedisOptions,
): Promise<Endpoint> => {
  await checkRole(connection, role, options);
  await refuseUse(connection);
  const name = `redis:${await identify(connection)}`;
  const copyLock = await lockForCopy(connection, holdMs, onWait);
  const keys = createKeyStore(connection);
  const inRedis = createArtifactShare(connection);
  const port = createStorePort(connection, {
    registries: createRegistryStore(connection),
    catalog: createCatalogStore(connection, { readIndex, now: () => Date.now() / 1000 }),
    seenVersions: createSeenVersionStore(connection),
    trust: createTrustStore(connection),
    plugins: createPluginStore(connection),
    categories: createCategoryStore(connection),
    keys,
  });
  const listArtifacts = async (): Promise<string[]> => {
    const prefix = names.artifact("");
    return (await connection.scan(`${prefix}*`)).map((key) => key.slice(prefix.length)).sort();
  };
  return {
    port,
    artifacts: sharedArtifacts(inRedis, share, listArtifacts),
    name,
    ownKeys: async () => ({
      shared: await keys.shared(),
      first: ((await connection.command("GET", names.firstKey)) as string | null) ?? undefined,
    }),
    keepKeys: async ({ shared, first }) => {
      if (shared !== undefined) await connection.command("HSETNX", CONFIG, "apikey", shared);
      if (first !== undefined) await connection.command("SETNX", names.firstKey, first);
      return (shared ?? first) === ((await keys.shared()) ?? first);
    },
    refuseUse: async () => {
      await copyLock.check();
      await refuseUse(connection);
    },
    close: async () => {
      await copyLock.end();
      await connection.close();
    },
  };
};

/**
 * Opens a database of a Redis as an endpoint of a copy.
 * @throws HitagiError CONFIG_INVALID, STORE_IN_USE, STORE_COPY_BUSY, STORE_NOT_THERE, and what {@link openRedisStore} throws of an unfit Redis
 */
export const openRedisEndpoint = async (
  address: string,
  role: Role,
  given: EndpointOptions,
): Promise<Endpoint> => {
  const options = redisOptions(address, given.ca);
  const connection = await connect(options, TIMEOUT_MS);
  return openOn(connection, role, given, options).catch(async (e: unknown) => {
    await connection.close();
    throw e;
  });
};
