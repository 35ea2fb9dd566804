import { setTimeout as sleep } from "node:timers/promises";
import { HitagiError } from "@hitagi/contract";
import type { RedisOptions } from "ioredis";
import { createArtifactShare } from "../store/redis/artifact-share.ts";
import { createCatalogStore } from "../store/redis/catalog.ts";
import { type Connection, connect } from "../store/redis/connection.ts";
import { checkFitness, checkInfo, checkLayout, readInfo } from "../store/redis/fitness.ts";
import { identityOf } from "../store/redis/identity.ts";
import { refuseUse } from "../store/redis/in-use.ts";
import { createKeyStore } from "../store/redis/keys.ts";
import { createLocks } from "../store/redis/locks.ts";
import { CONFIG, names } from "../store/redis/names.ts";
import { createPluginStore } from "../store/redis/plugins.ts";
import { createRegistryStore } from "../store/redis/registries.ts";
import { createStorePort } from "../store/redis/streams/store-port.ts";
import { optionsOf } from "../store/redis/trust.ts";
import { sharedArtifacts } from "./artifacts.ts";
import type { Endpoint, EndpointOptions, Role } from "./endpoint.ts";

/** Milliseconds after which what Redis did not answer has failed, and that the hold outlives a process that died. */
const [PATIENCE_MS, HOLD_MS] = [30_000, 10_000];

/** @throws HitagiError STORE_NOT_THERE where neither program has kept anything, STORE_NEWER, STORE_UNFIT, STORE_READ_ONLY, STORE_FULL */
const checkRole = async (connection: Connection, role: Role, options: RedisOptions): Promise<void> => {
  if (role === "target") {
    await checkFitness(connection, { options, patienceMs: PATIENCE_MS });
    return;
  }
  checkInfo(await readInfo(connection));
  if ((await connection.command("EXISTS", CONFIG, names.store)) === 0)
    throw new HitagiError("STORE_NOT_THERE");
  await checkLayout(connection);
};

/** The one copy that may be under way on a database. */
const COPY = "transfer";
const RETRY_MS = 100;

interface Hold {
  /** @throws HitagiError STORE_COPY_BUSY where it was lost, as in a suspended process */
  check(): Promise<void>;
  end(): Promise<void>;
}

/** Keeps other copies out; waits where one was killed, until its hold has ended. @throws HitagiError STORE_COPY_BUSY */
const hold = async (connection: Connection, lifeMs: number, onWait: () => void): Promise<Hold> => {
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
  const name = `redis:${await identityOf(connection)}`;
  const held = await hold(connection, holdMs, onWait);
  const keys = createKeyStore(connection);
  const inRedis = createArtifactShare(connection);
  const port = createStorePort(connection, {
    registries: createRegistryStore(connection),
    catalog: createCatalogStore(connection, { readIndex, now: () => Date.now() / 1000 }),
    plugins: createPluginStore(connection),
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
      await held.check();
      await refuseUse(connection);
    },
    close: async () => {
      await held.end();
      await connection.close();
    },
  };
};

/**
 * Opens a database of a Redis as an end of a copy.
 * @throws HitagiError CONFIG_INVALID, STORE_IN_USE, STORE_COPY_BUSY, STORE_NOT_THERE, and what {@link openRedisStore} throws of an unfit Redis
 */
export const openRedisEndpoint = async (
  address: string,
  role: Role,
  given: EndpointOptions,
): Promise<Endpoint> => {
  const options = optionsOf(address, given.ca);
  const connection = await connect(options, PATIENCE_MS);
  return openOn(connection, role, given, options).catch(async (e: unknown) => {
    await connection.close();
    throw e;
  });
};
