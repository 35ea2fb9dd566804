import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { onTestFinished } from "vitest";

/**
 * A proxy to a socket whose open connections can be made to die silently, as when the machine at
 * the other end loses its power, or a firewall forgets them. New ones are let through.
 */
export const mortalWay = async (target: string) => {
  const near = new Set<Socket>();
  const server = createServer((socket) => {
    const far = connect(target);
    near.add(socket);
    for (const end of [socket, far]) end.on("error", () => {}).on("close", () => far.destroy());
    socket.pipe(far);
    far.pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    for (const socket of near) socket.destroy();
    server.close();
  });
  return {
    address: `redis://127.0.0.1:${(server.address() as AddressInfo).port}/2`,
    die: () => {
      for (const socket of near) socket.unpipe().removeAllListeners("data").pause();
    },
  };
};
