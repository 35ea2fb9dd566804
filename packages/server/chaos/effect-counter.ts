import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** Counts, outside of the cluster, how often each job had its effect. */
export interface EffectCounter {
  readonly port: number;
  readonly counts: ReadonlyMap<string, number>;
  close(): Promise<void>;
}

/** Counts requests by their path, on a free loopback port. */
export const startEffectCounter = async (): Promise<EffectCounter> => {
  const counts = new Map<string, number>();
  const server = createServer(({ url = "/" }, response) => {
    const token = url.slice(1);
    counts.set(token, (counts.get(token) ?? 0) + 1);
    response.end("counted");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    counts,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
