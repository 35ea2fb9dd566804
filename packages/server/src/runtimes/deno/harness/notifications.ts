import { send } from "./channel.ts";
import { errorMessage, stackOf } from "./error-message.ts";
import { currentCall, type RunningCall } from "./running-call.ts";

const { stringify } = JSON;
const now = Date.now;

const MAX_TEXT = 4096;
const MAX_NOTE = 256;
const PROGRESS_EVERY_MS = 50;

type LogLevel = "debug" | "info" | "warn" | "error";

const toText = (value: unknown): string => {
  if (typeof value === "string") return value;
  if (value instanceof Error) return stackOf(value) ?? errorMessage(value);
  try {
    return stringify(value) ?? String(value);
  } catch {
    // Cyclic, a BigInt, or a value whose own methods throw.
    return errorMessage(value);
  }
};

export const writeLog = (call: RunningCall | undefined, level: LogLevel, values: unknown[]): void => {
  const text = values.map(toText).join(" ").slice(0, MAX_TEXT);
  const id = call && !call.ended ? call.id : 0;
  send({ t: "notification", call: id, capability: "log", args: { level, text } });
};

/** A log whose lines belong to the call that `call` gives. */
export const createLog = (
  call: () => RunningCall | undefined,
): Record<LogLevel, (...values: unknown[]) => void> => ({
  debug: (...values) => writeLog(call(), "debug", values),
  info: (...values) => writeLog(call(), "info", values),
  warn: (...values) => writeLog(call(), "warn", values),
  error: (...values) => writeLog(call(), "error", values),
});

/** A console that writes to the plugin's log; Deno's would write to the pipe of the frames. */
export const createConsole = (): Record<string, (...values: unknown[]) => void> => {
  const log = createLog(currentCall);
  return { ...log, log: log.info, trace: log.debug, dir: log.debug };
};

/** Reports a call's progress, at most 20 times a second, but always its end. */
export const reportProgress = (call: RunningCall, done: unknown, total: unknown, note: unknown): void => {
  const at = now();
  const last = Number(done) >= Number(total);
  if (call.ended || (!last && at - call.lastProgress < PROGRESS_EVERY_MS)) return;
  call.lastProgress = at;
  const args = {
    done: Number(done),
    total: Number(total),
    ...(note !== undefined && { note: String(note).slice(0, MAX_NOTE) }),
  };
  send({ t: "notification", call: call.id, capability: "progress", args });
};
