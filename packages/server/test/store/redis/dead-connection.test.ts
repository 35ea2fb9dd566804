import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { openRedisStore } from "../../../src/store/redis/open.ts";
import { sharedRedis, withoutRedis } from "../../support/redis.ts";

/**
 * A way to a socket on which all connections that there are can be made to die without a word, as they do when the machine at
 * the other end loses its power, or a firewall forgets them. New ones are let through.
 */
const mortalWay = async (target: string) => {
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

describe.skipIf(withoutRedis)("a connection that died without a word", () => {
  const server = sharedRedis();

  test("is given up once an answer did not come in time, and another is made", async () => {
    const way = await mortalWay(server().socket);
    const store = await openRedisStore(way.address, { patienceMs: 300, onError: () => {} });
    onTestFinished(() => store.close());
    await store.registries.list();
    way.die();
    await expect(store.registries.list()).rejects.toMatchObject({ code: "STORE_UNREACHABLE" });
    await vi.waitFor(() => store.registries.list(), { timeout: 4000 });
  });
});
