import { send } from "./channel.ts";
import { describe, stackOf } from "./describe.ts";
import { currentCall, type LiveCall } from "./live-call.ts";

const { stringify } = JSON;
const now = Date.now;

const MAX_TEXT = 4096;
const MAX_NOTE = 256;
const PROGRESS_EVERY_MS = 50;

type Level = "debug" | "info" | "warn" | "error";

const idOf = (call: LiveCall | undefined): number => (call && !call.ended ? call.id : 0);

const inWords = (value: unknown): string => {
  if (typeof value === "string") return value;
  if (value instanceof Error) return stackOf(value) ?? describe(value);
  try {
    return stringify(value) ?? String(value);
  } catch {
    // Cyclic, a BigInt, or a value whose own methods throw.
    return describe(value);
  }
};

export const writeLog = (call: LiveCall | undefined, level: Level, values: unknown[]): void => {
  const text = values.map(inWords).join(" ").slice(0, MAX_TEXT);
  send({ t: "note", call: idOf(call), capability: "log", args: { level, text } });
};

/** A log that says each line on behalf of the call that `call` gives. */
export const createLog = (
  call: () => LiveCall | undefined,
): Record<Level, (...values: unknown[]) => void> => ({
  debug: (...values) => writeLog(call(), "debug", values),
  info: (...values) => writeLog(call(), "info", values),
  warn: (...values) => writeLog(call(), "warn", values),
  error: (...values) => writeLog(call(), "error", values),
});

/** Deno's console writes to the pipe that the frames use; this one writes to the plugin's log. */
export const createConsole = (): Record<string, (...values: unknown[]) => void> => {
  const log = createLog(currentCall);
  return { ...log, log: log.info, trace: log.debug, dir: log.debug };
};

/** Says how far a call is, at most 20 times a second but always at the end. */
export const sayProgress = (call: LiveCall, done: unknown, total: unknown, note: unknown): void => {
  const at = now();
  const last = Number(done) >= Number(total);
  if (call.ended || (!last && at - call.lastProgress < PROGRESS_EVERY_MS)) return;
  call.lastProgress = at;
  const args = {
    done: Number(done),
    total: Number(total),
    ...(note !== undefined && { note: String(note).slice(0, MAX_NOTE) }),
  };
  send({ t: "note", call: call.id, capability: "progress", args });
};
