import { type ChildProcess, spawn } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { API_KEY } from "./ask.ts";
import type { Link } from "./link.ts";

/** A line that a node logged, and when, by the trial's clock. */
export interface LogLine {
  at: number;
  text: string;
}

/** A real `hitagi serve` that can be killed, paused and started again on what it left. */
export interface TrialNode {
  readonly name: string;
  /** Its data folder, with its plugins in it. */
  readonly data: string;
  /** Its way to Redis. */
  readonly link: Link;
  /** Where it listens, or listened last. */
  readonly url: string;
  readonly log: readonly LogLine[];
  /** When it ended though nobody wanted it to. It is started again then, as a service is. */
  readonly crashes: readonly number[];
  readonly pid: number;
  /** Starts it, again and again where it ends at once, as whatever keeps services running does. */
  start(): Promise<void>;
  /** Ends it as a power cut would. */
  kill(): Promise<void>;
  /** Asks it to stop, and waits until it has. */
  stop(): Promise<void>;
  pause(): void;
  resume(): void;
  /** Ends it and whatever it started. */
  destroy(): Promise<void>;
}

export interface NodeOptions {
  name: string;
  /** The built `hitagi.js`. */
  program: string;
  data: string;
  library: string;
  /** The folder in which it shares the bytes of versions; undefined for Redis. */
  artifacts: string | undefined;
  link: Link;
  database: number;
  now: () => number;
  /** Told where it listens, each time that it does. */
  listens: (url: string) => void;
}

/** Milliseconds between two tries to start, and in which one has to succeed. */
const [RETRY_MS, START_MS] = [500, 60_000];

const ended = (child: ChildProcess): Promise<void> =>
  child.exitCode !== null || child.signalCode !== null
    ? Promise.resolve()
    : new Promise((resolve) => child.once("exit", () => resolve()));

export const createNode = (options: NodeOptions): TrialNode => {
  const { name, program, data, library, artifacts = "", link, database, now, listens } = options;
  const log: LogLine[] = [];
  let child: ChildProcess | undefined;
  let url = "";
  const crashes: number[] = [];
  let wanted = false;

  const launch = (): Promise<string | undefined> => {
    const env = {
      PATH: process.env.PATH,
      HITAGI_PORT: "0",
      HITAGI_DATA: data,
      HITAGI_LIBRARY: library,
      HITAGI_ARTIFACTS: artifacts,
      HITAGI_STORE: `redis://127.0.0.1:${link.port}/${database}`,
      HITAGI_API_KEY: API_KEY,
      HITAGI_SETTLE: "0",
      HITAGI_JOBS: "4",
      HITAGI_LOG: "info",
    };
    // A group of its own, so that what it started can be ended with it.
    const started = spawn(process.execPath, [program, "serve"], {
      env,
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    child = started;
    log.push({ at: now(), text: `started as process ${started.pid}` });
    createInterface({ input: started.stderr }).on("line", (text) => log.push({ at: now(), text }));
    return new Promise((resolve) => {
      createInterface({ input: started.stdout }).on("line", (line) => {
        const found = /listens on (http:\S+)/.exec(line)?.[1];
        if (found) resolve(found);
      });
      started.once("exit", (code, signal) => {
        log.push({ at: now(), text: `ended with ${signal ?? code}` });
        resolve(undefined);
      });
    });
  };
  const crashed = (): void => {
    if (!wanted) return;
    crashes.push(now());
    start().catch((error: Error) => log.push({ at: now(), text: error.message }));
  };
  const start = async (): Promise<void> => {
    wanted = true;
    await mkdir(data, { recursive: true });
    const until = performance.now() + START_MS;
    for (;;) {
      const found = await launch();
      if (found !== undefined) {
        url = found;
        listens(found);
        child?.once("exit", crashed);
        return;
      }
      if (!wanted) return;
      if (performance.now() > until) throw new Error(`${name} does not start: ${log.at(-2)?.text}`);
      await sleep(RETRY_MS);
    }
  };
  const signal = async (how: NodeJS.Signals): Promise<void> => {
    wanted = false;
    if (!child) return;
    child.kill(how);
    await ended(child);
  };
  const endGroup = (): void => {
    try {
      if (child?.pid) process.kill(-child.pid, "SIGKILL");
    } catch (error) {
      // Nothing of it is left.
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  };

  return {
    name,
    data,
    link,
    log,
    crashes,
    get url() {
      return url;
    },
    get pid() {
      return child?.pid ?? 0;
    },
    start,
    kill: () => signal("SIGKILL"),
    stop: () => signal("SIGTERM"),
    pause: () => {
      log.push({ at: now(), text: "paused" });
      child?.kill("SIGSTOP");
    },
    resume: () => {
      log.push({ at: now(), text: "resumed" });
      child?.kill("SIGCONT");
    },
    destroy: async () => {
      await signal("SIGKILL");
      endGroup();
    },
  };
};
