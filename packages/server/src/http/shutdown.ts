import type { Socket } from "node:net";
import type { FastifyInstance } from "fastify";

/**
 * Lets a server stop after its last response. Node waits for two kinds of idle connection: those kept alive after a
 * response that was in flight, and those that a client opened and never used.
 */
export const setUpShutdown = (app: FastifyInstance): void => {
  const unused = new Set<Socket>();
  let isClosing = false;
  app.server.on("connection", (socket) => {
    if (isClosing) socket.destroy();
    unused.add(socket);
    socket.once("close", () => unused.delete(socket));
  });
  app.server.on("request", ({ socket }) => unused.delete(socket));
  app.addHook("preClose", (done) => {
    isClosing = true;
    for (const socket of unused) socket.destroy();
    done();
  });
  app.addHook("onResponse", (_request, _reply, done) => {
    if (isClosing) setImmediate(() => app.server.closeIdleConnections());
    done();
  });
};
