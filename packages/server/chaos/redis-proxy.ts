import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** A proxy between one node and Redis that can be made to fail as networks do. */
export interface RedisProxy {
  readonly port: number;
  /** Resets all connections, and new ones too. */
  cut(): void;
  /** Delivers nothing and keeps the connections open, like a network that drops packets. */
  stall(): void;
  /** Delivers everything again, also what was held back. */
  heal(): void;
  close(): Promise<void>;
}

type State = "open" | "cut" | "stalled";

/** The two connections of one client. */
interface Pair {
  stall(): void;
  heal(): void;
  end(): void;
}

const createPair = (near: Socket, target: string, ended: () => void): Pair => {
  let far: Socket | undefined;
  let flows = false;
  const end = (): void => {
    near.destroy();
    far?.destroy();
    ended();
  };
  const open = (): Socket => {
    const socket = connect(target);
    socket.setNoDelay(true);
    socket.on("error", end).on("close", end);
    return socket;
  };
  near.setNoDelay(true);
  near.on("error", end).on("close", end);
  return {
    stall: () => {
      flows = false;
      near.unpipe().pause();
      far?.unpipe().pause();
    },
    heal: () => {
      // A second pipe would deliver every byte twice.
      if (flows) return;
      flows = true;
      far ??= open();
      near.pipe(far);
      far.pipe(near);
    },
    end,
  };
};

/** @param target the socket that Redis listens on; the proxy listens on a free loopback port */
export const createRedisProxy = async (target: string): Promise<RedisProxy> => {
  const pairs = new Set<Pair>();
  let state: State = "open";
  const server = createServer({ pauseOnConnect: true }, (near) => {
    if (state === "cut") return void near.resetAndDestroy();
    const pair: Pair = createPair(near, target, () => pairs.delete(pair));
    pairs.add(pair);
    if (state === "open") pair.heal();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const endAll = (): void => {
    for (const pair of [...pairs]) pair.end();
  };
  return {
    port: (server.address() as AddressInfo).port,
    cut: () => {
      state = "cut";
      endAll();
    },
    stall: () => {
      state = "stalled";
      for (const pair of pairs) pair.stall();
    },
    heal: () => {
      state = "open";
      for (const pair of pairs) pair.heal();
    },
    close: async () => {
      state = "cut";
      endAll();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
