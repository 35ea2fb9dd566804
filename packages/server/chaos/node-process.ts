import { type ChildProcess, spawn } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { API_KEY } from "./client.ts";
import type { RedisProxy } from "./redis-proxy.ts";

/** A line that a node logged, with its time by the recorder's clock. */
export interface LogLine {
  at: number;
  text: string;
}

/** A real `hitagi serve` that can be killed, paused and restarted on its data folder. */
export interface ServerNode {
  readonly name: string;
  /** Its data folder, with its plugins in it. */
  readonly data: string;
  /** Its connection to Redis. */
  readonly proxy: RedisProxy;
  /** Where it listens, or listened last. */
  readonly url: string;
  readonly log: readonly LogLine[];
  /** When it ended unexpectedly. It is then restarted, as a service manager would. */
  readonly crashes: readonly number[];
  readonly pid: number;
  /** Starts it, and retries where it ends at once. */
  start(): Promise<void>;
  /** Kills it with SIGKILL. */
  kill(): Promise<void>;
  /** Asks it to stop, and waits until it has. */
  stop(): Promise<void>;
  pause(): void;
  resume(): void;
  /** Kills it with its child processes. */
  destroy(): Promise<void>;
}

export interface NodeOptions {
  name: string;
  /** The built `hitagi.js`. */
  program: string;
  data: string;
  library: string;
  /** The folder of the shared artifacts; undefined for Redis. */
  artifacts: string | undefined;
  proxy: RedisProxy;
  database: number;
  now: () => number;
  /** Called with its address each time that it listens. */
  listens: (url: string) => void;
}

/** Milliseconds between two tries to start, and in which a try has to succeed. */
const [RETRY_MS, START_MS] = [500, 60_000];

const ended = (child: ChildProcess): Promise<void> =>
  child.exitCode !== null || child.signalCode !== null
    ? Promise.resolve()
    : new Promise((resolve) => child.once("exit", () => resolve()));

export const createNode = (options: NodeOptions): ServerNode => {
  const { name, program, data, library, artifacts = "", proxy, database, now, listens } = options;
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
      HITAGI_STORE: `redis://127.0.0.1:${proxy.port}/${database}`,
      HITAGI_API_KEY: API_KEY,
      HITAGI_SETTLE: "0",
      HITAGI_JOBS: "4",
      HITAGI_LOG: "info",
    };
    // A process group of its own, so that its children can be killed with it.
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
      // No process of the group is left.
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  };

  return {
    name,
    data,
    proxy,
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
