import { existsSync } from "node:fs";
import { realpath } from "node:fs/promises";
import path from "node:path";
import { HitagiError } from "@hitagi/contract";
import { lockStoreFile } from "../data-folder/locks.ts";
import { sha256Of } from "../disk/sha256.ts";
import { readApiKey, saveApiKeyIfAbsent } from "../keys/api-key-file.ts";
import { openSqlitePort } from "../store/sqlite/open.ts";
import { folderArtifacts } from "./artifacts.ts";
import type { Endpoint, EndpointOptions, Role } from "./endpoint.ts";

/**
 * Opens a SQLite file as an endpoint of a copy; a missing target is made.
 * @throws HitagiError STORE_NOT_THERE, DATA_IN_USE, STORE_FAILED, STORE_LOCKED, DISK_FULL
 */
export const openSqliteEndpoint = async (
  file: string,
  role: Role,
  { data = path.dirname(path.resolve(file)), held }: EndpointOptions,
): Promise<Endpoint> => {
  if (role === "source" && !existsSync(file)) throw new HitagiError("STORE_NOT_THERE");
  const release = await lockStoreFile(file, data === held ? undefined : data);
  const opened = await openSqlitePort(file).catch(async (e: unknown) => {
    await release();
    throw e;
  });
  const { store, port } = opened;
  return {
    port,
    artifacts: folderArtifacts(data),
    data,
    name: sha256Of(`sqlite:${await realpath(file)}`),
    ownKeys: async () => ({ first: await readApiKey(data) }),
    keepKeys: async ({ shared, first }) => {
      const key = shared ?? first;
      return key === undefined || (await saveApiKeyIfAbsent(data, key)) === key;
    },
    // The file is locked.
    refuseUse: async () => {},
    close: async () => {
      await store.close();
      await release();
    },
  };
};
