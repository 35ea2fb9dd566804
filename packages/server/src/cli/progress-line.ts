import { Transform } from "node:stream";
import type { MoveOptions } from "../store-copy/move.ts";
import { sizeText } from "./format.ts";
import type { Io } from "./io.ts";
import { safeLine } from "./safe-text.ts";

/** Milliseconds between two updates. */
const INTERVAL_MS = 200;

/** A line on the terminal that is replaced as work progresses. Without a terminal it shows nothing. */
export const progressLine = (io: Io): { show: (text: () => string) => void; clear: () => void } => {
  const isShown = io.stderr.isTTY === true;
  let next = 0;
  return {
    show: (text) => {
      if (!isShown || performance.now() < next) return;
      next = performance.now() + INTERVAL_MS;
      io.stderr.write(`\r\u001b[K${safeLine(text())}`);
    },
    clear: () => isShown && io.stderr.write("\r\u001b[K"),
  };
};

/**
 * Passes bytes through and shows how many there were.
 * @param total the expected number of bytes, if known
 */
export const bytesProgress = (io: Io, what: string, total?: number): Transform => {
  const line = progressLine(io);
  let bytes = 0;
  const of = total === undefined ? "" : ` of ${sizeText(total)}`;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      line.show(() => `${what} ${sizeText(bytes)}${of}`);
      done(null, chunk);
    },
    final(done) {
      line.clear();
      done();
    },
  });
};

/** The names of record kinds in tables. */
export const kindNames = {
  registryIds: "registry ids ever given",
  registries: "registries",
  indexes: "cached indexes",
  trust: "accepted heads",
  pins: "keys of registries",
  seenVersions: "offered versions",
  originals: "indexes as LANraragi has them",
  plugins: "plugins and settings",
  versions: "kept versions",
  jobs: "jobs",
  batches: "reports of batches",
  archives: "archives",
  categories: "categories",
  documents: "policies and rules",
  known: "archives seen elsewhere",
  keys: "keys",
  history: "history",
  pluginLogs: "logs of plugins",
  cache: "cache of plugins",
  foreign: "fields of LANraragi",
  counters: "counters",
  artifacts: "bytes of versions",
} as const;

/** Shows the progress of a copy. `end` removes the line. */
export const copyProgress = (io: Io): { onStep: NonNullable<MoveOptions["onStep"]>; end: () => void } => {
  const line = progressLine(io);
  let [current, count] = ["", 0];
  return {
    onStep: ({ what, kind, count: more }) => {
      const label = `${what === "copied" ? "Copying" : "Comparing"} ${kindNames[kind]}`;
      count = label === current ? count + more : more;
      current = label;
      line.show(() => `${label}: ${count}`);
    },
    end: line.clear,
  };
};
