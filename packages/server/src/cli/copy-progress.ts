import type { MoveOptions } from "../store-copy/move.ts";
import type { Io } from "./io.ts";

/** Milliseconds between two numbers shown. */
const EVERY = 200;

/** What the kinds of records are called in lists. */
export const kindNames = {
  registryIds: "registry ids ever given",
  registries: "registries",
  indexes: "cached indexes",
  originals: "indexes as LANraragi has them",
  plugins: "plugins and settings",
  versions: "kept versions",
  jobs: "jobs",
  batches: "reports of batches",
  archives: "archives",
  known: "archives seen elsewhere",
  keys: "keys",
  history: "history",
  cache: "cache of plugins",
  foreign: "fields of LANraragi",
  counters: "counters",
  artifacts: "bytes of versions",
} as const;

/** Shows in a terminal how far a copy is; `end` removes the line. */
export const copyProgress = (io: Io): { onStep: NonNullable<MoveOptions["onStep"]>; end: () => void } => {
  const shown = io.stderr.isTTY === true;
  let [now, count, next] = ["", 0, 0];
  return {
    onStep: ({ what, kind, count: more }) => {
      const label = `${what === "copied" ? "Copying" : "Comparing"} ${kindNames[kind]}`;
      count = label === now ? count + more : more;
      now = label;
      if (!shown || performance.now() < next) return;
      next = performance.now() + EVERY;
      io.stderr.write(`\r${label}: ${count}\u001b[K`);
    },
    end: () => {
      if (shown) io.stderr.write("\r\u001b[K");
    },
  };
};
