import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { repeat } from "../../async/repeat.ts";
import { processTree, readProc } from "./process-tree.ts";

const KB = 1024;

/** The sum of some lines of a file of /proc, in bytes; undefined if there is no such line. */
const sumOf = (text: string, lines: RegExp): number | undefined => {
  const kb = [...text.matchAll(lines)].map(([, n]) => Number(n));
  return kb.length > 0 ? kb.reduce((a, b) => a + b) * KB : undefined;
};

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

/**
 * Private memory, without memory shared through files, such as Deno's own code, and the page tables, which grow with what
 * is only read. Memory that a process shares with a fork counts in both. See proc_pid_status(5).
 */
const roughMemory = (tree: readonly number[]): number =>
  sum(tree.map((pid) => sumOf(readProc(`${pid}/status`), /^(?:RssAnon|RssShmem|VmPTE):\s+(\d+) kB$/gm) ?? 0));

const pageTables = (pid: number): number => sumOf(readProc(`${pid}/status`), /^VmPTE:\s+(\d+) kB$/gm) ?? 0;

/** The same, where memory shared with a fork counts once. It takes the kernel milliseconds for each 100 MB. */
const exactMemory = async (tree: readonly number[]): Promise<number | undefined> => {
  const each: number[] = [];
  for (const pid of tree) {
    const text = await readFile(`/proc/${pid}/smaps_rollup`, "latin1").catch(() => "");
    const mapped = sumOf(text, /^Pss_(?:Anon|Shmem):\s+(\d+) kB$/gm);
    each.push(mapped === undefined ? 0 : mapped + pageTables(pid));
  }
  return sum(each) || undefined;
};

/** Whether a process and all below it hold more than `limit` bytes. */
type IsOver = (tree: readonly number[], limit: number) => Promise<boolean>;

const byProc: IsOver = async (tree, limit) => {
  const rough = roughMemory(tree);
  if (rough <= limit || tree.length === 1) return rough > limit;
  return ((await exactMemory(tree)) ?? rough) > limit;
};

const byPs: IsOver = async ([pid], limit) => {
  const { stdout } = await promisify(execFile)("ps", ["-o", "rss=", "-p", String(pid)]);
  return Number(stdout) * KB > limit;
};

/** How to read memory on this machine, and how often; undefined if it is not possible. */
const findReader = (): { isOver: IsOver; everyMs: number } | undefined => {
  if (existsSync("/proc/self/status")) return { isOver: byProc, everyMs: 100 };
  return process.platform === "win32" ? undefined : { isOver: byPs, everyMs: 1000 };
};

/** Milliseconds between two measurements. */
const MEASURE_MS = 20;

/**
 * Measures the private memory of a process with all below it, where the machine has /proc.
 * @param onMost called at the end with the most bytes that it held
 * @returns ends the measurement
 */
export const measureMemory = (pid: number, onMost: (bytes: number) => void): (() => void) => {
  let most = 0;
  const measure = (): void => {
    most = Math.max(most, roughMemory(processTree(pid)));
  };
  const timer = setInterval(measure, MEASURE_MS).unref();
  return () => {
    clearInterval(timer);
    measure();
    if (most > 0) onMost(most);
  };
};

export interface WatchedProcess {
  readonly pid: number;
  crash(reason: string): void;
}

/** Limits of a process together with all processes below it. */
export interface TreeLimits {
  /** Bytes of memory. V8 limits only its heap, and the kernel each process by itself. */
  memory: number;
  /** Why they are over another limit; undefined if they are not. */
  fault?: ((tree: readonly number[]) => string | undefined) | undefined;
  /** Whether the kernel keeps these processes from starting more, and only the last one runs a plugin; no by default. */
  isComplete?: ((tree: readonly number[]) => boolean) | undefined;
}

/** Milliseconds after which a complete tree is looked for again, as a second check of what the kernel holds. */
const COMPLETE_MS = 1000;

/** Finds the processes below others: ten times a second, the threads of each would be more to read than its memory. */
const createTrees = (isComplete: TreeLimits["isComplete"]) => {
  const known = new WeakMap<WatchedProcess, { tree: readonly number[]; until: number }>();
  return (p: WatchedProcess): readonly number[] => {
    const now = performance.now();
    const found = known.get(p);
    if (found && now < found.until) return found.tree;
    const tree = processTree(p.pid);
    if (isComplete?.(tree)) known.set(p, { tree, until: now + COMPLETE_MS });
    else known.delete(p);
    return tree;
  };
};

/** Ends processes that are over a limit. @returns ends the watch */
export const watchMemory = (
  processes: () => readonly WatchedProcess[],
  { memory, fault, isComplete }: TreeLimits,
): (() => void) => {
  const reader = findReader();
  if (!reader) return () => {};
  const treeOf = createTrees(isComplete);
  const tooMuch = `it held more than ${Math.round(memory / KB / KB)} MB of memory`;
  const checkMemory = async (): Promise<void> => {
    for (const p of processes()) {
      const tree = treeOf(p);
      const holding = isComplete?.(tree) ? tree.slice(-1) : tree;
      // `ps` fails if the process has just exited.
      if (await reader.isOver(holding, memory).catch(() => false)) p.crash(tooMuch);
    }
  };
  // By itself, because reading the memory of many processes that are busy takes seconds.
  const checkFault = async (): Promise<void> => {
    for (const p of processes()) {
      const reason = fault?.(treeOf(p));
      if (reason !== undefined) p.crash(reason);
    }
  };
  const { everyMs } = reader;
  const checks = fault ? [checkFault, checkMemory] : [checkMemory];
  const stops = checks.map((check) => repeat(check, { everyMs, onError: () => {} }));
  return () => {
    for (const stop of stops) void stop();
  };
};
