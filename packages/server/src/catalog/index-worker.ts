import { parentPort } from "node:worker_threads";
import { isHitagiError } from "@hitagi/contract";
import type { CatalogRow } from "../store/types.ts";
import { examineDetails, splitDetails } from "./details-examine.ts";
import { checkLeniently, checkStrictly, summarizeIndex } from "./index-examine.ts";
import { asBuffer, type FromWorker, type ToWorker } from "./index-worker-client.ts";

/** Rows of one message, and the characters of their texts: the main thread reads them in a few milliseconds. */
const MAX_ROWS = 1000;
const MAX_CHARS = 512 * 1024;

/** Splits rows into the messages that carry them. */
const pieces = function* (rows: CatalogRow[]): Generator<CatalogRow[]> {
  let [from, chars] = [0, 0];
  for (let n = 0; n < rows.length; n++) {
    const { name = "", author = "", description = "" } = rows[n]?.summary ?? {};
    chars += name.length + author.length + description.length;
    if (n + 1 - from < MAX_ROWS && chars < MAX_CHARS) continue;
    yield rows.slice(from, n + 1);
    [from, chars] = [n + 1, 0];
  }
  yield rows.slice(from);
};

let waiting: Generator<CatalogRow[]> | undefined;

const answer = (message: ToWorker): FromWorker => {
  if (message.kind === "next") {
    const piece = waiting?.next();
    return { kind: "rows", rows: piece?.value ?? [], last: piece?.done ?? true };
  }
  const bytes = asBuffer(message.bytes);
  const before = message.before && {
    ...message.before,
    seen: message.before.seen.map(asBuffer),
    unsigned: message.before.unsigned?.map(asBuffer),
  };
  if (message.task === "details") return { kind: "details", details: examineDetails(bytes) };
  if (message.task === "parts") return { kind: "parts", parts: splitDetails(bytes) };
  if (message.task === "summary") return { kind: "summary", summary: summarizeIndex(bytes) };
  const { rows, ...checked } = (message.task === "strict" ? checkStrictly : checkLeniently)(bytes, before);
  waiting = pieces(rows);
  return { kind: "checked", checked };
};

/** Large buffers have their own memory, which is moved and not copied. */
const movable = (reply: FromWorker): ArrayBuffer[] => {
  if (reply.kind !== "checked") return [];
  const { document, seen } = reply.checked;
  return [document, ...(seen ? [seen.lines] : [])].flatMap(({ buffer, length }) =>
    length > Buffer.poolSize ? [buffer as ArrayBuffer] : [],
  );
};

parentPort?.on("message", (message: ToWorker) => {
  try {
    const reply = answer(message);
    parentPort?.postMessage(reply, movable(reply));
  } catch (error) {
    if (!isHitagiError(error, "INDEX_INVALID")) throw error;
    const { path, reason } = error.params;
    parentPort?.postMessage({
      kind: "invalid",
      path: String(path),
      reason: String(reason),
    } satisfies FromWorker);
  }
});
