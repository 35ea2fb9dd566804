import type { FastifyInstance } from "fastify";
import type { Logger } from "pino";
import { pollApiKey } from "../cluster/poll-api-key.ts";
import { pollStoreHealth } from "../cluster/poll-store-health.ts";
import type { Config } from "../config/config.ts";
import { localSocket } from "../data-folder/local-socket.ts";
import { closeHttp, listen } from "../http/listen.ts";
import { listenLocally } from "../http/listen-locally.ts";
import { createHttpServer } from "../http/server.ts";
import { readOrCreateApiKey } from "../keys/api-key-file.ts";
import { applySharedKey, createFirstKey, createKeyRotation } from "../keys/first-key.ts";
import type { Services } from "../services.ts";
import { createApp } from "./app.ts";

export interface RunningServer {
  /** Such as `http://127.0.0.1:3000`. */
  address: string;
  /** `file` is undefined for a configured key. */
  apiKey: { key: string; file: string | undefined; isNew: boolean };
  services: Services;
  /** Takes no new calls, lets those in flight and running jobs end, and closes everything. */
  stop(): Promise<void>;
}

/** Listens on the data folder's Unix socket. Without it the server works, and the command line asks it for a proof. */
const listenForOwner = async (http: FastifyInstance, data: string, log: Logger) => {
  const file = localSocket(data);
  if (file === undefined) return undefined;
  return listenLocally(http, file).catch((err: unknown) => {
    log.warn({ err }, "the data folder cannot have a Unix socket; the command line connects by the address");
    return undefined;
  });
};

/**
 * Starts a server. An error leaves nothing running.
 * @param graceMs how long calls in flight may take when the server stops
 * @param pollMs milliseconds between two polls for changes by other programs in the store
 * @throws HitagiError PORT_IN_USE, CONFIG_INVALID, DATA_IN_USE, or what the store throws
 */
export const startServer = async (
  config: Config,
  log: Logger,
  graceMs: number = 10_000,
  pollMs?: number,
): Promise<RunningServer> => {
  const app = await createApp(config, log);
  const { services } = app;
  const { store } = services;
  try {
    const apiKey = await readOrCreateApiKey(config, store.keys);
    if (apiKey.wasReadableByOthers)
      log.warn("others could read the API key's file; its rights were corrected");
    if (apiKey.isReplaced)
      log.warn("the API key in the data folder was replaced by the one that all servers on this store have");
    const { key, file, isNew } = apiKey;
    const { keys } = store;
    const { data } = config;
    const firstKey = createFirstKey(key, file === undefined ? undefined : createKeyRotation(keys, data));
    const http = await createHttpServer(services, firstKey);
    const applyKey = async (): Promise<void> => {
      if (file !== undefined) await applySharedKey({ keys, data, firstKey, log });
    };
    services.keys.onRevoked(applyKey);
    await app.start();
    // Another server may have changed the key before this one joined.
    await applyKey();
    const address = await listen(http, config);
    const closeLocal = await listenForOwner(http, data, log);
    services.cluster.setAddress(address);
    const stopPolls = [
      pollApiKey({ keys, data, apiKey, firstKey, log, everyMs: pollMs }),
      pollStoreHealth({ store, log, everyMs: pollMs }),
    ];
    const stop = async (): Promise<void> => {
      await Promise.all(stopPolls.map((stopPoll) => stopPoll()));
      await Promise.all([closeHttp(http, graceMs), closeLocal?.(graceMs)]);
      await app.stop();
    };
    return { address, apiKey: { key, file, isNew }, services, stop };
  } catch (e) {
    await app.stop();
    throw e;
  }
};
