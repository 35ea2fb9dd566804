import { type ChildProcess, spawn } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { type Client, createClient } from "@hitagi/contract";
import { ownFolder } from "../../../scripts/own-folder.mjs";
import { killAtExit } from "../test/support/kill-at-exit.ts";

export const API_KEY = "bench";

/** A real server in a process of its own, on a free port of 127.0.0.1 and an own data folder. */
export interface BenchServer {
  url: string;
  client: Client;
  pid: number;
  folder: string;
  /** Milliseconds from the start of the process to its first answer. */
  startMs: number;
  stop(): Promise<void>;
}

const ready = (child: ChildProcess): Promise<string> =>
  new Promise((resolve, reject) => {
    let seen = "";
    child.stdout?.on("data", (chunk: Buffer) => {
      seen += chunk;
      const url = /http:\/\/127\.0\.0\.1:\d+/.exec(seen)?.[0];
      if (url) resolve(url);
    });
    child.once("exit", (code) => reject(new Error(`the server ended with ${code}: ${seen}`)));
  });

/** Starts a server; with `folder` on an earlier server's data, with `env` for additional variables. */
export const startServer = async (folder?: string, env: NodeJS.ProcessEnv = {}): Promise<BenchServer> => {
  const data = folder ?? ownFolder("hitagi-bench-");
  const begun = performance.now();
  const child = killAtExit(
    spawn(process.execPath, [path.join(import.meta.dirname, "hitagi.js"), "serve"], {
      env: {
        ...process.env,
        HITAGI_PORT: "0",
        HITAGI_DATA: data,
        HITAGI_API_KEY: API_KEY,
        HITAGI_LOG: "silent",
        ...env,
      },
      stdio: ["ignore", "pipe", "ignore"],
    }),
  );
  const url = await ready(child);
  await (await fetch(`${url}/api/info`)).arrayBuffer();
  const startMs = performance.now() - begun;
  const stop = async () => {
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGTERM");
    await ended;
  };
  return { url, client: createClient(url, API_KEY), pid: child.pid ?? 0, folder: data, startMs, stop };
};

/** Memory of a process in MB: now, and the peak since `resetPeak`. Linux only; NaN elsewhere. */
export const memoryOf = async (pid: number): Promise<{ now: number; peak: number }> => {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  const read = (field: string) =>
    Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1] ?? Number.NaN) / 1024;
  return { now: read("VmRSS"), peak: read("VmHWM") };
};

export const resetPeak = (pid: number): Promise<void> =>
  writeFile(`/proc/${pid}/clear_refs`, "5").catch(() => {});
