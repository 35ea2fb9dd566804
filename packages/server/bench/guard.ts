import { readFile } from "node:fs/promises";
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
