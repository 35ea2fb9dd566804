import { readFile } from "node:fs/promises";
import { cpus } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { MAX_SPREAD } from "./compare.ts";
import type { Row } from "./measure.ts";
import { type Target, targets } from "./targets.ts";

/** The part of a committed ratio that a row may lose, beyond its spread. */
const MAX_LOSS = 0.2;

/** The committed ratios, by the id of the row. */
export type Ratios = Readonly<Record<string, number>>;

export const readRatios = async (file: string): Promise<Ratios> => JSON.parse(await readFile(file, "utf8"));

export interface Judgement {
  row: Row;
  committed: number | undefined;
  /** The part by which the row is worse than committed; negative where it is better. */
  loss: number;
  /** `noisy`: the spread is too large to tell. `new`: nothing is committed. */
  verdict: "ok" | "lost" | "noisy" | "new";
}

/** The part of the processors that other work may take. */
const MAX_BUSY = 0.25;

/** The part of the processors that is in use, for some milliseconds in which this program does nothing. */
export const busyPart = async (ms: number): Promise<number> => {
  const times = () => {
    const all = cpus().map(({ times }) => times);
    const sum = (of: (one: (typeof all)[number]) => number) => all.reduce((total, one) => total + of(one), 0);
    return {
      idle: sum(({ idle }) => idle),
      all: sum((one) => Object.values(one).reduce((a, b) => a + b, 0)),
    };
  };
  const before = times();
  await sleep(ms);
  const after = times();
  return 1 - (after.idle - before.idle) / Math.max(1, after.all - before.all);
};

/** Why nothing can be told from the rows: other work took the machine while they were measured. Undefined where it did not. */
export const whyUndecided = (rows: readonly Row[], busy: number): string | undefined => {
  if (busy > MAX_BUSY) return `other work takes ${Math.round(100 * busy)}% of the processors`;
  const uneven = rows.find(({ floorSpread = 0 }) => floorSpread > MAX_SPREAD);
  return uneven && `the floor of "${uneven.name}" varies by ${Math.round(100 * (uneven.floorSpread ?? 0))}%`;
};

const lossOf = ({ bound }: Target, ratio: number, committed: number): number =>
  bound === "at least" ? 1 - ratio / committed : ratio / committed - 1;

/** Compares a row with its committed ratio. */
export const judge = (row: Row, ratios: Ratios): Judgement => {
  const [target, committed] = [targets[row.id], ratios[row.id]];
  if (target === undefined || committed === undefined) return { row, committed, loss: 0, verdict: "new" };
  const loss = lossOf(target, row.ratio, committed);
  if (loss <= MAX_LOSS + row.spread) return { row, committed, loss, verdict: "ok" };
  return { row, committed, loss, verdict: row.spread > MAX_SPREAD ? "noisy" : "lost" };
};

/**
 * What a measurement tells of rows that lost, in lines for a person, and whether they lost for sure.
 * @param slower how each is named: `slower than committed`
 * @param why see {@link whyUndecided}
 */
export const conclude = (
  lost: readonly Judgement[],
  slower: string,
  why: string | undefined,
): { lines: string[]; isLost: boolean } => ({
  lines: [
    ...lost.map(({ row }) => `${slower}: ${row.name}`),
    ...(why === undefined ? [] : [`This decides nothing: ${why}.`]),
  ],
  isLost: why === undefined && lost.length > 0,
});
