import { Worker } from "node:worker_threads";
import pLimit from "p-limit";
import { findBuilt } from "../disk/find-program.ts";

/** A normal pattern needs microseconds; the rest is for a busy machine. */
const LIMIT_MS = 2000;
/** Milliseconds in which a thread must begin with a question. On a busy machine its start takes seconds. */
const START_MS = 60_000;
/** Milliseconds after which an idle worker ends. */
const IDLE_MS = 30_000;
const MAX_MEMORY_MB = 64;

export type UrlMatch = "matches" | "differs" | "invalid" | "too slow";

export interface ToPatternWorker {
  pattern: string;
  url: string;
}

export type FromPatternWorker =
  | { kind: "received" }
  | { kind: "begun"; linear: boolean }
  | { kind: "ended"; match: Exclude<UrlMatch, "too slow"> };

const workerFile = (): string => findBuilt("url-pattern-worker.js");

type OnReply = (message: FromPatternWorker | "failed") => void;

/**
 * A thread whose replies go to the match that waits. Without one, a thread that is ended may fail unheard.
 * @param onExit called when the thread has ended, even if no match waits
 */
const startWorker = (onExit: () => void) => {
  const thread = new Worker(workerFile(), {
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: MAX_MEMORY_MB },
  });
  let waiting: OnReply | undefined;
  thread.on("message", (message: FromPatternWorker) => waiting?.(message));
  thread.on("error", () => waiting?.("failed"));
  thread.on("exit", () => {
    onExit();
    waiting?.("failed");
  });
  return {
    ask: (question: ToPatternWorker, onReply: OnReply): void => {
      waiting = onReply;
      thread.ref();
      thread.postMessage(question);
    },
    rest: (): void => {
      waiting = undefined;
      thread.unref();
    },
    end: (): void => {
      waiting = undefined;
      void thread.terminate();
    },
  };
};

/** Calls back after a time, once the replies that came meanwhile were handled: this thread may run late. @returns ends the wait */
const startLimit = (ms: number, onEnd: () => void): (() => void) => {
  let last: NodeJS.Immediate | undefined;
  const timer = setTimeout(() => {
    last = setImmediate(onEnd);
  }, ms);
  return () => {
    clearTimeout(timer);
    clearImmediate(last);
  };
};

type MatchUrl = (pattern: string, url: string) => Promise<UrlMatch>;

/**
 * Compares addresses with a `url_regex`, in a thread of its own. The pattern runs on an engine with linear time if it
 * can; `too slow` is one that can not, and takes two seconds. Only calls of the same matcher wait for each other.
 */
export const createUrlMatcher = (): MatchUrl => {
  let worker: ReturnType<typeof startWorker> | undefined;
  let idle: NodeJS.Timeout | undefined;

  const endWorker = (): void => {
    worker?.end();
    worker = undefined;
  };

  /** The worker, started anew if the one before has ended. */
  const openWorker = () => {
    if (worker) return worker;
    const started = startWorker(() => {
      if (worker === started) worker = undefined;
    });
    worker = started;
    return started;
  };

  /** One pattern at a time, so that the limit is that of this pattern. */
  const oneByOne = pLimit(1);

  const matchNow = (pattern: string, url: string): Promise<UrlMatch> =>
    new Promise((resolve) => {
      clearTimeout(idle);
      // A thread that does not start is not the pattern's fault. A linear one is slow only with a very long address on a busy machine.
      let isAtFault = false;
      const stop = (): void => {
        endLimit();
        endWorker();
        resolve(isAtFault ? "too slow" : "differs");
      };
      let endLimit = startLimit(START_MS, stop);
      openWorker().ask({ pattern, url }, (reply) => {
        if (reply === "failed") return stop();
        endLimit();
        if (reply.kind === "ended") {
          worker?.rest();
          idle = setTimeout(endWorker, IDLE_MS).unref();
          resolve(reply.match);
        } else {
          isAtFault = reply.kind === "received" || !reply.linear;
          endLimit = startLimit(LIMIT_MS, stop);
        }
      });
    });

  return (pattern, url) => oneByOne(() => matchNow(pattern, url));
};

/** For the patterns of installed plugins, while a request waits. */
export const matchUrl = createUrlMatcher();
