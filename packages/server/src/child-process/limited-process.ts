import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { endsWithinRunningTime } from "../async/running-timeout.ts";

export interface ProcessLimits {
  /** Milliseconds of one request. */
  maxMs: number;
  /** Bytes of memory of the process. */
  maxMemory: number;
}

export interface ProcessOptions<Answer> extends ProcessLimits {
  /** The built program, which calls `answerServer`. Looked up when a process starts. */
  program: () => string;
  /** Megabytes of V8's heap. */
  heapMb: number;
  /** Whether the process must not take another request after this answer. */
  endsAfter?: (answer: Answer) => boolean;
}

/** Why a process gave no answer, as a part of a sentence. */
export interface Ended {
  ended: string;
}

/** A program in a process of its own. It answers one request at a time, without the server's environment. */
export interface LimitedProcess<Request, Answer> {
  /** Starts the process where none runs. A process that reaches a limit is ended, and the next request starts another one. */
  ask(request: Request): Promise<{ answer: Answer } | Ended>;
  end(): void;
}

/** Milliseconds after which an idle process ends, so that its memory is free. */
const IDLE_MS = 30_000;

export const createLimitedProcess = <Request extends object, Answer>(
  options: ProcessOptions<Answer>,
): LimitedProcess<Request, Answer> => {
  const { program, maxMs, maxMemory, heapMb, endsAfter = () => false } = options;
  let child: ChildProcess | undefined;
  let idle: NodeJS.Timeout | undefined;

  const end = (): void => {
    clearTimeout(idle);
    child?.kill("SIGKILL");
    child = undefined;
  };
  /** Without the server's environment, which has secrets. */
  const start = (): ChildProcess => {
    const started = fork(program(), [String(process.pid), String(maxMemory)], {
      env: {},
      execArgv: [`--max-old-space-size=${heapMb}`],
      stdio: ["ignore", "ignore", "ignore", "ipc"],
      serialization: "advanced",
    });
    // It may end while it is idle. Errors of an exchange are handled there.
    const forget = (): void => {
      if (child === started) child = undefined;
    };
    return started.on("exit", forget).on("error", forget);
  };
  const exchange = async (to: ChildProcess, request: Request): Promise<{ answer: Answer } | Ended> => {
    const over = new AbortController();
    const { signal } = over;
    const answered = once(to, "message", { signal }).then(([answer]) => ({ answer: answer as Answer }));
    const exited = once(to, "exit", { signal }).then(([code, by]): Ended => {
      const isKilled = by === "SIGKILL" || by === "SIGABRT" || code === 134;
      return {
        ended: isKilled
          ? `it needs more than ${Math.round(maxMemory / 1024 / 1024)} MB of memory`
          : "its reader crashed",
      };
    });
    const first = Promise.race([answered, exited]);
    try {
      // Where it cannot be sent, the process has ended.
      to.send(request, () => {});
      if (await endsWithinRunningTime(maxMs, first)) return await first;
      return { ended: `it takes more than ${maxMs / 1000} s to read` };
    } finally {
      over.abort();
      // The other one is aborted.
      for (const left of [answered, exited]) left.catch(() => {});
    }
  };

  const ask = async (request: Request): Promise<{ answer: Answer } | Ended> => {
    clearTimeout(idle);
    const isNew = child === undefined;
    child ??= start();
    const current = child;
    current.ref();
    current.channel?.ref();
    const reply = await exchange(current, request);
    current.unref();
    current.channel?.unref();
    // A process that reached a limit is still busy with the request, or has ended.
    const isSpent = "ended" in reply || endsAfter(reply.answer);
    if (isSpent) end();
    else idle = setTimeout(end, IDLE_MS).unref();
    // What it read before may have been too much for it: this request is not at fault.
    const hasEnded = current.exitCode !== null || current.signalCode !== null;
    return isSpent && hasEnded && !isNew ? ask(request) : reply;
  };

  return { ask, end };
};
