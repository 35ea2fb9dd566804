import { once } from "node:events";
import { chmod, lstat, unlink } from "node:fs/promises";
import { createServer } from "node:http";
import type { FastifyInstance } from "fastify";
import { ifThere } from "../disk/errors.ts";

/** Removes the socket that a killed server left. The caller holds the lock of its folder. */
const removeStale = async (file: string): Promise<void> => {
  const found = await ifThere(lstat(file));
  if (found?.isSocket()) await unlink(file);
};

/**
 * Listens on a Unix socket with mode 0600 too, for the command line of the server's user. It needs the API key like every
 * address; the socket only proves to the command line that it is this server.
 * @returns closes it; calls in flight have `graceMs`
 * @throws Error of the system, for example on a disk without sockets
 */
export const listenLocally = async (
  http: FastifyInstance,
  file: string,
): Promise<(graceMs: number) => Promise<void>> => {
  await removeStale(file);
  const { headersTimeout, requestTimeout, keepAliveTimeout } = http.server;
  const server = createServer({ headersTimeout, requestTimeout, keepAliveTimeout }, (request, response) => {
    response.once("close", () => {
      if (!server.listening) server.closeIdleConnections();
    });
    http.routing(request, response);
  });
  server.listen(file);
  await once(server, "listening");
  await chmod(file, 0o600);
  return async (graceMs) => {
    const closed = once(server, "close");
    server.close();
    const late = setTimeout(() => server.closeAllConnections(), graceMs);
    await closed;
    clearTimeout(late);
  };
};
