import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { promisify } from "node:util";

const KB = 1024;

/** Memory that a process holds for itself, in bytes, by its id. Processes that are gone are left out. */
export type ReadMemory = (pids: readonly number[]) => Promise<Map<number, number>>;

/** From /proc: what is not shared with others through files, such as Deno's own code. See proc_pid_status(5). */
const fromProc: ReadMemory = async (pids) => {
  const held = new Map<number, number>();
  for (const pid of pids) {
    const status = readStatus(pid);
    const kb = [...status.matchAll(/^(?:RssAnon|RssShmem):\s+(\d+) kB$/gm)].map(([, n]) => Number(n));
    if (kb.length > 0) held.set(pid, kb.reduce((a, b) => a + b) * KB);
  }
  return held;
};

/** Reading /proc does not touch a disk, so that it may wait for it. */
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

/** How memory is read on this machine, and how often that is worth it; undefined where it cannot be. */
const reader = (): { read: ReadMemory; everyMs: number } | undefined => {
  if (existsSync("/proc/self/status")) return { read: fromProc, everyMs: 100 };
  return process.platform === "win32" ? undefined : { read: fromPs, everyMs: 1000 };
};

/** A process whose memory is watched. */
export interface Watched {
  readonly pid: number;
  crash(reason: string): void;
}

/**
 * Ends processes that hold more than a limit. V8 limits only its own heap; buffers and WebAssembly lie outside.
 * @param limit bytes
 * @returns ends the watch
 */
export const watchMemory = (processes: () => readonly Watched[], limit: number): (() => void) => {
  const found = reader();
  if (!found) return () => {};
  let reading = false;
  const check = async (): Promise<void> => {
    if (reading || processes().length === 0) return;
    reading = true;
    try {
      const held = await found.read(processes().map((p) => p.pid));
      for (const p of processes()) {
        if ((held.get(p.pid) ?? 0) > limit)
          p.crash(`it held more than ${Math.round(limit / KB / KB)} MB of memory`);
      }
    } catch {
      // `ps` answers with an error where one of the processes has just ended; the next look comes soon.
    } finally {
      reading = false;
    }
  };
  const timer = setInterval(() => void check(), found.everyMs);
  timer.unref();
  return () => clearInterval(timer);
};
