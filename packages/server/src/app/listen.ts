import type { AddressInfo } from "node:net";
import { HitagiError } from "@hitagi/contract";
import type { FastifyInstance } from "fastify";
import type { Logger } from "pino";
import { pollApiKey } from "../cluster/poll-api-key.ts";
import { pollStoreHealth } from "../cluster/poll-store-health.ts";
import type { Config } from "../config/config.ts";
import { codeOf } from "../disk/errno.ts";
import { createHttpServer } from "../http/server.ts";
import { readOrCreateApiKey } from "../keys/api-key-file.ts";
import { applySharedKey, createFirstKey, createKeyRotation } from "../keys/first-key.ts";
import type { Services } from "../services.ts";
import { createApp } from "./app.ts";

/** A server that answers. */
export interface RunningServer {
  /** Such as `http://127.0.0.1:3000`. */
  address: string;
  /** The key, the file that keeps it (undefined where the configuration gives it), and whether it is new. */
  apiKey: { key: string; file: string | undefined; isNew: boolean };
  services: Services;
  /** Takes no new calls, lets those in flight and running jobs end, and closes everything. */
  stop(): Promise<void>;
}

const faults: Record<string, (address: string) => HitagiError> = {
  EADDRINUSE: (address) => new HitagiError("PORT_IN_USE", { address }),
  EADDRNOTAVAIL: () =>
    new HitagiError("CONFIG_INVALID", { name: "HITAGI_HOST", reason: "this machine has no such address" }),
  ENOTFOUND: () =>
    new HitagiError("CONFIG_INVALID", { name: "HITAGI_HOST", reason: "no machine has this name" }),
  EACCES: () =>
    new HitagiError("CONFIG_INVALID", { name: "HITAGI_PORT", reason: "this user may not listen on it" }),
};

const listen = async (http: FastifyInstance, { host, port }: Config): Promise<string> => {
  try {
    await http.listen({ host, port });
  } catch (e) {
    throw faults[codeOf(e) ?? ""]?.(`${host}:${port}`) ?? e;
  }
  const { port: taken } = http.server.address() as AddressInfo;
  return `http://${host.includes(":") ? `[${host}]` : host}:${taken}`;
};

/** Takes no new calls and lets those in flight end, but waits for none for ever. */
const closeHttp = async (http: FastifyInstance, graceMs: number): Promise<void> => {
  const late = setTimeout(() => http.server.closeAllConnections(), graceMs);
  try {
    await http.close();
  } finally {
    clearTimeout(late);
  }
};

/**
 * Starts everything and listens. Whatever fails leaves nothing running.
 * @param graceMs how long calls in flight may take when the server stops
 * @param foreignMs milliseconds between two looks at what other programs change in the store
 * @throws HitagiError PORT_IN_USE, CONFIG_INVALID, DATA_IN_USE, or what the store throws
 */
export const startServer = async (
  config: Config,
  log: Logger,
  graceMs: number = 10_000,
  foreignMs?: number,
): Promise<RunningServer> => {
  const app = await createApp(config, log);
  try {
    const apiKey = await readOrCreateApiKey(config, app.services.store.keys);
    if (apiKey.wasReadableByOthers)
      log.warn("others could read the API key's file; its rights were corrected");
    if (apiKey.isReplaced)
      log.warn("the API key in the data folder was replaced by the one that all servers on this store have");
    const { key, file, isNew } = apiKey;
    const { store } = app.services;
    const { keys } = store;
    const { data } = config;
    const firstKey = createFirstKey(key, file === undefined ? undefined : createKeyRotation(keys, data));
    const http = await createHttpServer(app.services, firstKey);
    const take = () => applySharedKey({ keys, data, firstKey, log });
    if (file !== undefined) app.services.keys.onRevoked(take);
    await app.start();
    // What was changed before this server was told of changes.
    if (file !== undefined) await take();
    const address = await listen(http, config);
    app.services.cluster.setAddress(address);
    const watches = [
      pollApiKey({ keys, data, apiKey, firstKey, log, everyMs: foreignMs }),
      pollStoreHealth({ store, log, everyMs: foreignMs }),
    ];
    const stop = async (): Promise<void> => {
      await Promise.all(watches.map((unwatch) => unwatch()));
      await closeHttp(http, graceMs);
      await app.stop();
    };
    return { address, apiKey: { key, file, isNew }, services: app.services, stop };
  } catch (e) {
    await app.stop();
    throw e;
  }
};
