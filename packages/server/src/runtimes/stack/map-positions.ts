import { Worker } from "node:worker_threads";
import { findBuilt } from "../../disk/find-program.ts";
import type { FilePosition } from "./frames.ts";

/** The map of a bundle of a megabyte needs a tenth of a second; the rest is for a busy machine. */
const LIMIT_MS = 3000;
const MAX_MEMORY_MB = 256;

export interface MapQuestion {
  /** A source map as base64. It may be anything. */
  map: string;
  positions: readonly FilePosition[];
}

/** A place in a source of the bundle; null if the map has none. */
export type OriginalPosition = (FilePosition & { source: string }) | null;

const workerFile = (): string => findBuilt("map-worker.js");

/**
 * The places of positions in the sources of a bundle, by its source map. The map is read in a thread with limits of its own for
 * time and memory: its author may be hostile.
 * @returns undefined if the map cannot be read within the limits
 */
export const mapPositions = (question: MapQuestion): Promise<OriginalPosition[] | undefined> =>
  new Promise((resolve) => {
    const worker = new Worker(workerFile(), {
      workerData: question,
      env: {},
      stdout: true,
      stderr: true,
      resourceLimits: { maxOldGenerationSizeMb: MAX_MEMORY_MB },
    });
    const end = (found: OriginalPosition[] | undefined): void => {
      clearTimeout(limit);
      void worker.terminate();
      resolve(found);
    };
    const limit = setTimeout(end, LIMIT_MS, undefined);
    worker.on("message", end);
    worker.on("error", () => end(undefined));
    worker.on("exit", () => end(undefined));
  });
