import { once } from "node:events";
import { Worker } from "node:worker_threads";
import pLimit from "p-limit";
import { endsWithinRunningTime } from "../async/running-timeout.ts";
import { codeOf } from "../disk/errno.ts";
import { findBuilt } from "../disk/find-program.ts";
import type { CatalogRow } from "../store/types.ts";
import type { CheckedDetails, DetailsParts } from "./details-examine.ts";
import type { Before, CheckedIndex, IndexSummary } from "./index-examine.ts";
import { indexInvalid } from "./index-rules.ts";

type Task = "strict" | "lenient" | "summary" | "details" | "parts";

/** A check that the worker runs; its rows are then asked for piece by piece, so that reading them holds up nothing. */
export type ToWorker =
  | { kind: "check"; task: Task; bytes: Uint8Array; before: Before | undefined }
  | { kind: "next" };
export type FromWorker =
  | { kind: "checked"; checked: Omit<CheckedIndex, "rows"> }
  | { kind: "summary"; summary: IndexSummary }
  | { kind: "details"; details: CheckedDetails }
  | { kind: "parts"; parts: DetailsParts }
  | { kind: "rows"; rows: CatalogRow[]; last: boolean }
  | { kind: "invalid"; path: string; reason: string };

/** Milliseconds after which an idle worker ends, so that its memory is free. */
const IDLE_MS = 30_000;
/** The memory of a check: several times the largest index. */
const MAX_MEMORY_MB = 1024;
/** Milliseconds of a check: the largest index takes a few seconds, and the other registries wait. */
const MAX_MS = 60_000;

const workerFile = (): string => findBuilt("index-worker.js");

let worker: Worker | undefined;
let idle: NodeJS.Timeout | undefined;

const endWorker = (): void => {
  void worker?.terminate();
  worker = undefined;
};

const startWorker = (): Worker =>
  // Each exchange gets the error that ends the worker.
  new Worker(workerFile(), {
    resourceLimits: { maxOldGenerationSizeMb: MAX_MEMORY_MB, maxYoungGenerationSizeMb: 16 },
  }).on("error", endWorker);

/** Sends a message and waits for its answer. @throws HitagiError INDEX_INVALID where the memory does not suffice */
const exchange = async (to: Worker, message: ToWorker, moved: ArrayBuffer[] = []): Promise<FromWorker> => {
  const answered = once(to, "message");
  to.postMessage(message, moved);
  try {
    const [reply] = (await answered) as [FromWorker];
    if (reply.kind === "invalid") throw indexInvalid(reply.path, reply.reason);
    return reply;
  } catch (error) {
    if (codeOf(error) === "ERR_WORKER_OUT_OF_MEMORY")
      throw indexInvalid("/", `needs more than ${MAX_MEMORY_MB} MB of memory to be checked`);
    throw error;
  }
};

/** A buffer that came through the channel, where it becomes an array. */
export const asBuffer = ({ buffer, byteOffset, byteLength }: Uint8Array): Buffer =>
  Buffer.from(buffer, byteOffset, byteLength);

const rowsFrom = async (from: Worker): Promise<CatalogRow[]> => {
  const rows: CatalogRow[] = [];
  for (;;) {
    const reply = await exchange(from, { kind: "next" });
    if (reply.kind !== "rows") throw new TypeError(`the worker answered ${reply.kind}`);
    for (const row of reply.rows) rows.push(row);
    if (reply.last) return rows;
  }
};

/** The memory of a buffer that is not part of a larger one, which others may use. */
const ownMemory = ({ buffer, length }: Buffer): ArrayBuffer[] =>
  buffer.byteLength === length ? [buffer as ArrayBuffer] : [];

const checkIn = async (
  current: Worker,
  task: Task,
  bytes: Buffer,
  before: Before | undefined,
): Promise<CheckedIndex | IndexSummary | CheckedDetails | DetailsParts> => {
  const moved = [bytes, ...(before?.seen ?? []), ...(before?.unsigned ?? [])].flatMap(ownMemory);
  const reply = await exchange(current, { kind: "check", task, bytes, before }, moved);
  if (reply.kind === "summary") return reply.summary;
  if (reply.kind === "details") return { ...reply.details, yanks: asBuffer(reply.details.yanks) };
  if (reply.kind === "parts") return { ...reply.parts, plugins: asBuffer(reply.parts.plugins) };
  if (reply.kind !== "checked") throw new TypeError(`the worker answered ${reply.kind}`);
  const { document, seen, ...checked } = reply.checked;
  const rows = await rowsFrom(current);
  return {
    ...checked,
    document: asBuffer(document),
    rows,
    seen: seen && { ...seen, lines: asBuffer(seen.lines) },
  };
};

const run = async (
  task: Task,
  bytes: Buffer,
  before: Before | undefined,
  maxMs: number,
): Promise<CheckedIndex | IndexSummary | CheckedDetails | DetailsParts> => {
  clearTimeout(idle);
  worker ??= startWorker();
  const current = worker;
  current.ref();
  try {
    const checking = checkIn(current, task, bytes, before);
    if (await endsWithinRunningTime(maxMs, checking)) return await checking;
    endWorker();
    throw indexInvalid("/", `takes more than ${maxMs / 1000} s to be checked`);
  } finally {
    current.unref();
    idle = setTimeout(endWorker, IDLE_MS).unref();
  }
};

const inTurn = pLimit(1);

interface RunInWorker {
  (
    task: "strict" | "lenient",
    bytes: Buffer,
    before: Before | undefined,
    maxMs?: number,
  ): Promise<CheckedIndex>;
  (task: "summary", bytes: Buffer): Promise<IndexSummary>;
  (task: "details", bytes: Buffer): Promise<CheckedDetails>;
  (task: "parts", bytes: Buffer): Promise<DetailsParts>;
}

/**
 * Checks an index in the worker thread, one after the other. The bytes, and the seen versions, are moved there and are empty afterwards.
 * @throws HitagiError INDEX_INVALID for a bad index, and for one that needs too much memory or time
 */
export const runInWorker = ((task: Task, bytes: Buffer, before?: Before, maxMs: number = MAX_MS) =>
  inTurn(() => run(task, bytes, before, maxMs))) as RunInWorker;
