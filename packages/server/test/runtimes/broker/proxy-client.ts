import { connect, createServer, type Socket } from "node:net";
import path from "node:path";
import { onTestFinished } from "vitest";
import type { CallNetwork } from "../../../src/runtimes/types.ts";
import { tempFolder } from "../../support/temp-folder.ts";

/** Connections to the network of a call, over a socket as a confined process has it. */
export const clientOf = async (network: CallNetwork) => {
  const file = path.join(await tempFolder(), "network");
  const server = createServer({ allowHalfOpen: true }, (socket) => network.serve(socket));
  await new Promise<void>((resolve) => server.listen(file, resolve));
  onTestFinished(() => {
    network.close();
    server.close();
  });
  const open = async (): Promise<Socket> => {
    const socket = connect(file);
    socket.on("error", () => {});
    await new Promise<void>((resolve) => socket.once("connect", resolve));
    return socket;
  };
  /** All bytes that come until the other end closes, or `enough` of them. */
  const read = (socket: Socket, enough = Number.POSITIVE_INFINITY): Promise<string> =>
    new Promise((resolve) => {
      let text = "";
      socket.on("data", (chunk) => {
        text += chunk.toString("latin1");
        if (text.length >= enough) resolve(text);
      });
      for (const event of ["end", "close"]) socket.on(event, () => resolve(text));
    });
  /** What a request in raw bytes is answered, until the connection ends. */
  const send = async (text: string): Promise<string> => {
    const socket = await open();
    const answer = read(socket);
    socket.write(text);
    return answer;
  };
  return { open, read, send };
};
