import { hostname } from "node:os";
import { epochSeconds } from "../clock.ts";
import { alwaysFresh } from "../freshness.ts";
import { version } from "../version.ts";
import type { Cluster } from "./types.ts";

/** For a process that has its store for itself: its changes are active at once. */
export const createSingleNode = (): Cluster => {
  const started = epochSeconds();
  let address: string | null = null;
  return {
    ensureFresh: alwaysFresh,
    isFresh: () => true,
    waitForAllNodes: async () => {},
    start: async (load) => void (await load()),
    setAddress: (given) => {
      address = given;
    },
    nodes: async () => [
      {
        id: "alone",
        host: hostname(),
        address,
        version,
        artifacts: "store",
        ahead: 0,
        started,
        heard: epochSeconds(),
        current: true,
        self: true,
      },
    ],
    stop: async () => {},
  };
};
