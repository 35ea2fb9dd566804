import type { AddressInfo } from "node:net";
import { HitagiError } from "@hitagi/contract";
import type { FastifyInstance } from "fastify";
import type { Config } from "../config/config.ts";
import { codeOf } from "../disk/errno.ts";

const listenErrors: Record<string, (address: string) => HitagiError> = {
  EADDRINUSE: (address) => new HitagiError("PORT_IN_USE", { address }),
  EADDRNOTAVAIL: () =>
    new HitagiError("CONFIG_INVALID", { name: "HITAGI_HOST", reason: "this machine has no such address" }),
  ENOTFOUND: () =>
    new HitagiError("CONFIG_INVALID", { name: "HITAGI_HOST", reason: "no machine has this name" }),
  EACCES: () =>
    new HitagiError("CONFIG_INVALID", { name: "HITAGI_PORT", reason: "this user may not listen on it" }),
};

/** @returns the address, such as `http://127.0.0.1:3000` @throws HitagiError PORT_IN_USE, CONFIG_INVALID */
export const listen = async (
  http: FastifyInstance,
  { host, port }: Pick<Config, "host" | "port">,
): Promise<string> => {
  try {
    await http.listen({ host, port });
  } catch (e) {
    throw listenErrors[codeOf(e) ?? ""]?.(`${host}:${port}`) ?? e;
  }
  const { port: taken } = http.server.address() as AddressInfo;
  return `http://${host.includes(":") ? `[${host}]` : host}:${taken}`;
};

/** Takes no new calls, and waits some time for those in flight. */
export const closeHttp = async (http: FastifyInstance, graceMs: number): Promise<void> => {
  const late = setTimeout(() => http.server.closeAllConnections(), graceMs);
  try {
    await http.close();
  } finally {
    clearTimeout(late);
  }
};
