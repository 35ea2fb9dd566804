import { createFrameReader, HEADER_BYTES } from "../../frame-reader.ts";
import { shapeOfJson } from "../../json-shape.ts";
import type { FromHarness, ToHarness } from "../../processes/messages.ts";
import { MAX_FRAME_FROM_PLUGIN, MAX_FRAME_TO_PLUGIN } from "../../protocol-limits.ts";
import { readInput, readInputNow, writeOutput } from "./deno-api.ts";

const { parse, stringify } = JSON;
const queue = queueMicrotask;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

const BATCH_BYTES = 64 * 1024;

/** Frames that are written together. */
const batch = new Uint8Array(BATCH_BYTES);
let filled = 0;
let scheduled = false;

const writeAll = (bytes: Uint8Array): void => {
  let at = 0;
  while (at < bytes.length) at += writeOutput(bytes.subarray(at));
};

const flush = (): void => {
  scheduled = false;
  const bytes = batch.subarray(0, filled);
  filled = 0;
  writeAll(bytes);
};

const putLength = (into: Uint8Array, at: number, length: number): void => {
  into[at] = length >>> 24;
  into[at + 1] = length >>> 16;
  into[at + 2] = length >>> 8;
  into[at + 3] = length;
};

/**
 * Sends a message that is JSON text already. Several in a row are written together.
 * @throws Error if the host would not accept it; nothing was sent then
 */
export const sendText = (text: string): void => {
  // A UTF-16 unit takes at most 3 bytes of UTF-8.
  if (HEADER_BYTES + text.length * 3 > BATCH_BYTES) {
    sendLarge(text);
    return;
  }
  if (HEADER_BYTES + text.length * 3 > BATCH_BYTES - filled) flush();
  const { written } = encoder.encodeInto(text, batch.subarray(filled + HEADER_BYTES));
  putLength(batch, filled, written);
  filled += HEADER_BYTES + written;
  if (scheduled) return;
  scheduled = true;
  queue(flush);
};

const sendLarge = (text: string): void => {
  const bytes = encoder.encode(text);
  const fault = bytes.length > MAX_FRAME_FROM_PLUGIN ? `has ${bytes.length} bytes` : shapeOfJson(bytes).fault;
  if (fault !== undefined) throw new Error(`what is sent to the host ${fault}`);
  flush();
  const header = new Uint8Array(HEADER_BYTES);
  putLength(header, 0, bytes.length);
  writeAll(header);
  writeAll(bytes);
};

export const send = (message: FromHarness): void => sendText(stringify(message));

/**
 * Passes on messages from the host until the pipe closes.
 * @param onRead called after the messages that arrived together
 * @param idle whether nothing is running, so that the process may block until the next message
 */
export const receive = async (
  onMessage: (m: ToHarness) => void,
  onRead: () => void,
  idle: () => boolean,
): Promise<void> => {
  const reader = createFrameReader(MAX_FRAME_TO_PLUGIN);
  const into = new Uint8Array(BATCH_BYTES);
  for (;;) {
    const got = (await becomesIdle(idle)) ? readInputNow(into) : await readInput(into);
    if (got === null) return;
    reader.push(into.subarray(0, got), (payload) => onMessage(parse(decoder.decode(payload))));
    onRead();
  }
};

/** Microtask ticks after which a running call is assumed to wait for something outside. */
const MAX_TICKS = 64;

/** Whether all running calls end within these ticks. A blocking read returns sooner than an asynchronous one. */
const becomesIdle = async (idle: () => boolean): Promise<boolean> => {
  for (let tick = 0; tick < MAX_TICKS && !idle(); tick++) await undefined;
  if (!idle()) return false;
  if (scheduled) flush();
  return true;
};
