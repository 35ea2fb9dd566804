import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { promisify } from "node:util";
import { repeat } from "../../async/repeat.ts";

const KB = 1024;

/** Private memory in bytes, by process id. Processes that have exited are missing. */
type ReadMemory = (pids: readonly number[]) => Promise<Map<number, number>>;

/** Without memory shared through files, such as Deno's own code. See proc_pid_status(5). */
const fromProc: ReadMemory = async (pids) => {
  const memory = new Map<number, number>();
  for (const pid of pids) {
    const status = readStatus(pid);
    const kb = [...status.matchAll(/^(?:RssAnon|RssShmem):\s+(\d+) kB$/gm)].map(([, n]) => Number(n));
    if (kb.length > 0) memory.set(pid, kb.reduce((a, b) => a + b) * KB);
  }
  return memory;
};

/** /proc is read from memory, so that the read may be synchronous. */
const readStatus = (pid: number): string => {
  try {
    return readFileSync(`/proc/${pid}/status`, "latin1");
  } catch {
    return "";
  }
};

const fromPs: ReadMemory = async (pids) => {
  const { stdout } = await promisify(execFile)("ps", ["-o", "pid=,rss=", "-p", pids.join(",")]);
  return new Map(
    [...stdout.matchAll(/^\s*(\d+)\s+(\d+)\s*$/gm)].map(([, p, kb]) => [Number(p), Number(kb) * KB]),
  );
};

/** How to read memory on this machine, and how often; undefined if it is not possible. */
const findReader = (): { read: ReadMemory; everyMs: number } | undefined => {
  if (existsSync("/proc/self/status")) return { read: fromProc, everyMs: 100 };
  return process.platform === "win32" ? undefined : { read: fromPs, everyMs: 1000 };
};

export interface WatchedProcess {
  readonly pid: number;
  crash(reason: string): void;
}

/** Ends processes that hold more than `limit` bytes: V8 limits only its heap. @returns ends the watch */
export const watchMemory = (processes: () => readonly WatchedProcess[], limit: number): (() => void) => {
  const reader = findReader();
  if (!reader) return () => {};
  const check = async (): Promise<void> => {
    if (processes().length === 0) return;
    const memory = await reader.read(processes().map((p) => p.pid));
    for (const p of processes()) {
      if ((memory.get(p.pid) ?? 0) > limit)
        p.crash(`it held more than ${Math.round(limit / KB / KB)} MB of memory`);
    }
  };
  // `ps` fails if one of the processes has just exited.
  const stop = repeat(check, { everyMs: reader.everyMs, onError: () => {} });
  return () => void stop();
};
