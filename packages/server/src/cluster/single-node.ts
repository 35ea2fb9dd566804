import { hostname } from "node:os";
import { epochSeconds } from "../clock.ts";
import { version } from "../version.ts";
import type { Live } from "./types.ts";

/** For a process that has its store for itself: what it changes is in force at once. */
export const createAlone = (): Live => {
  const started = epochSeconds();
  let address: string | null = null;
  return {
    current: alwaysCurrent,
    everywhere: async () => {},
    start: async (load) => void (await load()),
    listens: (at) => {
      address = at;
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

/** What nobody else can change is in force. */
export const alwaysCurrent: Live["current"] = () => undefined;
