import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import pLimit from "p-limit";
import { endsWithinRunningTime } from "../../async/running-timeout.ts";
import { findBuilt } from "../../disk/find-program.ts";
import { type FromReader, ReaderFault, type ToReader } from "./reader-protocol.ts";

export interface ReaderLimits {
  /** Milliseconds of one request. */
  maxMs: number;
  /** Bytes of memory of a process. */
  maxMemory: number;
}

export const READER_LIMITS: ReaderLimits = { maxMs: 60_000, maxMemory: 1200 * 1024 * 1024 };

/** Megabytes of V8's heap, which PDFs fill. */
const HEAP_MB = 512;
/** Milliseconds after which an idle process ends, so that its memory is free. */
const IDLE_MS = 30_000;
/** Processes at once: one that works on a large file holds up only half of the others. */
const PROCESSES = 2;

const program = (): string =>
  findBuilt(
    import.meta.dirname,
    ["archive-reader.js", "../archive-reader.js", "../../../dist/archive-reader.js"],
    "archive-reader.js is not built",
  );

/** Answers requests one after the other, in a process that starts with the first and ends when it is idle. */
const createReader = ({ maxMs, maxMemory }: ReaderLimits) => {
  let child: ChildProcess | undefined;
  let idle: NodeJS.Timeout | undefined;
  /** The file of the last request, which the process holds open. */
  let identity = "";

  const end = (): void => {
    clearTimeout(idle);
    child?.kill("SIGKILL");
    child = undefined;
    identity = "";
  };
  /** Without the server's environment, which has secrets. */
  const start = (): ChildProcess => {
    const started = fork(program(), [String(process.pid), String(maxMemory)], {
      env: {},
      execArgv: [`--max-old-space-size=${HEAP_MB}`],
      stdio: ["ignore", "ignore", "ignore", "ipc"],
      serialization: "advanced",
    });
    // It may end while it is idle. Errors of an exchange are handled there.
    const forget = (): void => {
      if (child === started) child = undefined;
    };
    return started.on("exit", forget).on("error", forget);
  };
  const exchange = async (to: ChildProcess, request: ToReader): Promise<FromReader> => {
    const over = new AbortController();
    const { signal } = over;
    const answered = once(to, "message", { signal }).then(([reply]) => reply as FromReader);
    const ended = once(to, "exit", { signal }).then(([code, by]): FromReader => {
      const isKilled = by === "SIGKILL" || by === "SIGABRT" || code === 134;
      const why = isKilled
        ? `it needs more than ${Math.round(maxMemory / 1024 / 1024)} MB of memory`
        : "its reader crashed";
      return { kind: "fault", code: "ARCHIVE_UNREADABLE", reason: why };
    });
    const first = Promise.race([answered, ended]);
    try {
      // Where it cannot be sent, the process has ended.
      to.send(request, () => {});
      if (await endsWithinRunningTime(maxMs, first)) return await first;
      return {
        kind: "fault",
        code: "ARCHIVE_UNREADABLE",
        reason: `it takes more than ${maxMs / 1000} s to read`,
      };
    } finally {
      over.abort();
      // The other one is aborted.
      for (const left of [answered, ended]) left.catch(() => {});
    }
  };

  const ask = async (request: ToReader): Promise<FromReader> => {
    clearTimeout(idle);
    const isNew = child === undefined;
    child ??= start();
    const current = child;
    identity = request.identity;
    current.ref();
    current.channel?.ref();
    const reply = await exchange(current, request);
    current.unref();
    current.channel?.unref();
    // A process that reached a limit is still busy with the request, or has ended.
    const isUnwell = reply.kind === "fault" && reply.code === "ARCHIVE_UNREADABLE";
    if (isUnwell) end();
    else idle = setTimeout(end, IDLE_MS).unref();
    // What it read before may have been too much for it: this archive is not at fault.
    const hasEnded = current.exitCode !== null || current.signalCode !== null;
    return isUnwell && hasEnded && !isNew ? ask(request) : reply;
  };

  return { identity: () => identity, end, ask };
};

/** Reads archives in processes with limits of time and memory. */
export interface ReaderProcesses {
  /** @throws ReaderFault */
  ask(request: ToReader): Promise<Exclude<FromReader, { kind: "fault" }>>;
  close(): void;
}

export const createReaderProcesses = (limits: ReaderLimits = READER_LIMITS): ReaderProcesses => {
  const free = Array.from({ length: PROCESSES }, () => createReader(limits));
  const all = [...free];
  const inTurn = pLimit(PROCESSES);
  return {
    ask: (request) =>
      inTurn(async () => {
        const at = Math.max(
          0,
          free.findIndex((reader) => reader.identity() === request.identity),
        );
        const [reader] = free.splice(at, 1);
        if (!reader) throw new Error("more requests than processes");
        try {
          const reply = await reader.ask(request);
          if (reply.kind === "fault") throw new ReaderFault(reply.code, reply.reason);
          return reply;
        } finally {
          free.unshift(reader);
        }
      }),
    close: () => {
      for (const reader of all) reader.end();
    },
  };
};
