import { parentPort, workerData } from "node:worker_threads";
import { originalPositionFor, TraceMap } from "@jridgewell/trace-mapping";
import type { MapQuestion, OriginalPosition } from "./map-positions.ts";

const MAX_NAME = 200;

const original = (map: TraceMap, { line, column }: MapQuestion["positions"][number]): OriginalPosition => {
  const found = originalPositionFor(map, { line, column: column - 1 });
  if (found.line === null || found.source === null) return null;
  return { source: found.source.slice(-MAX_NAME), line: found.line, column: found.column + 1 };
};

const { map, positions } = workerData as MapQuestion;
const traced = new TraceMap(Buffer.from(map, "base64").toString("utf8"));
parentPort?.postMessage(positions.map((position) => original(traced, position)));
