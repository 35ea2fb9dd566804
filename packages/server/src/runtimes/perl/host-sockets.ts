import { closeSync, constants, createWriteStream, openSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { pipeline } from "node:stream/promises";
import { createByteLimit } from "../../async/byte-limit.ts";
import type { CallNetwork } from "../types.ts";

/** Connections of one process at once. */
const MAX_CONNECTIONS = 64;

/** The byte that says that the server has a whole file. */
const RECEIVED = "1";
const NOT_WANTED = "0";

/** The sockets of one confined process that lead to the server. Each works only for the call that it is opened for. */
export interface HostSockets {
  /** The network of the current call; undefined between calls, and for one without a network. */
  network: CallNetwork | undefined;
  /** Where to write the one file that the current call may hand over; undefined if it may not. */
  target: string | undefined;
  close(): void;
}

const tooLarge = (): Error => new Error("the file is too large");

/**
 * Listens in a folder that is mounted into the process, so that no other process has these sockets.
 * @param maxFileBytes largest file that is taken
 */
export const openHostSockets = (folder: string, maxFileBytes: number): HostSockets => {
  // The name of a socket has at most 108 bytes, and a data folder's path may be longer.
  const descriptor = openSync(folder, constants.O_RDONLY | constants.O_DIRECTORY);

  const receive = async (socket: Socket): Promise<void> => {
    const { target } = sockets;
    sockets.target = undefined;
    if (target === undefined) {
      socket.resume();
      socket.end(NOT_WANTED);
      return;
    }
    // A pipeline from the socket itself would destroy it, and the answer with it.
    const { pass } = createByteLimit(maxFileBytes, tooLarge);
    const bytes = pass(socket.iterator({ destroyOnReturn: false }));
    await pipeline(bytes, createWriteStream(target, { flags: "wx" }));
    socket.end(RECEIVED);
  };

  const listen = (name: string, onConnection: (socket: Socket) => void): Server => {
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      socket.on("error", () => {});
      onConnection(socket);
    });
    server.maxConnections = MAX_CONNECTIONS;
    // The process then has no network, and its requests fail.
    server.on("error", () => {});
    // Every user may connect, because the process may have its own.
    server.listen({ path: `/proc/self/fd/${descriptor}/${name}`, readableAll: true, writableAll: true });
    return server.unref();
  };

  const servers = [
    listen("network", (socket) => {
      if (sockets.network) sockets.network.serve(socket);
      else socket.destroy();
    }),
    listen("file", (socket) => {
      receive(socket).catch(() => socket.destroy());
    }),
  ];

  const sockets: HostSockets = {
    network: undefined,
    target: undefined,
    close() {
      for (const server of servers) server.close();
      closeSync(descriptor);
    },
  };
  return sockets;
};
