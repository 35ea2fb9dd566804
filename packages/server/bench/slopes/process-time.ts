import { readdir, readFile } from "node:fs/promises";

/** Kernel ticks in a second, the same on every Linux that Node runs on (`getconf CLK_TCK`). */
const TICKS = 100;

interface Stat {
  parent: number;
  ticks: number;
}

/** proc(5): after the name in parentheses the state, the parent, and from the 12th field on the times. */
const statOf = async (pid: number): Promise<Stat | undefined> => {
  const text = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
  const fields = text?.slice(text.lastIndexOf(")") + 2).split(" ");
  if (!fields) return undefined;
  const [user, system, ofEndedUser, ofEndedSystem] = fields.slice(11, 15).map(Number);
  const ticks = (user ?? 0) + (system ?? 0) + (ofEndedUser ?? 0) + (ofEndedSystem ?? 0);
  return { parent: Number(fields[1]), ticks };
};

/** Milliseconds of processor that processes and their descendants have used. Linux only; NaN elsewhere. */
export const processorMs = async (...pids: number[]): Promise<number> => {
  const all = (await readdir("/proc").catch(() => [])).map(Number).filter(Number.isInteger);
  if (all.length === 0) return Number.NaN;
  const stats = new Map<number, Stat>();
  for (const pid of all) {
    const stat = await statOf(pid);
    if (stat) stats.set(pid, stat);
  }
  const belongs = (pid: number): boolean => {
    for (let at: number | undefined = pid; at; at = stats.get(at)?.parent) if (pids.includes(at)) return true;
    return false;
  };
  const ticks = [...stats].filter(([pid]) => belongs(pid)).reduce((sum, [, stat]) => sum + stat.ticks, 0);
  return (1000 * ticks) / TICKS;
};
