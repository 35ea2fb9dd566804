import { quantile } from "./measure.ts";

/** A measurement and its floor, taken one right after the other, so that other work on the machine affects both. */
export interface Pair {
  value: number;
  floor: number;
}

/** The medians of several pairs. */
export interface Comparison extends Pair {
  /** The median of value ÷ floor of each pair. */
  ratio: number;
  /** The distance of the quartiles of the pairs' ratios, as a part of `ratio`. */
  spread: number;
  /** The same of the floors alone. It grows with other work on the machine. */
  floorSpread: number;
}

/** A larger spread says more about the machine than about the program. */
export const MAX_SPREAD = 0.15;

const column = (pairs: readonly Pair[], of: (pair: Pair) => number) => pairs.map(of);

const spreadOf = (values: readonly number[]): number =>
  (quantile(values, 0.75) - quantile(values, 0.25)) / quantile(values, 0.5);

export const comparisonOf = (pairs: readonly Pair[]): Comparison => {
  const ratios = column(pairs, ({ value, floor }) => value / floor);
  const floors = column(pairs, ({ floor }) => floor);
  return {
    value: quantile(
      column(pairs, ({ value }) => value),
      0.5,
    ),
    floor: quantile(floors, 0.5),
    ratio: quantile(ratios, 0.5),
    spread: spreadOf(ratios),
    floorSpread: spreadOf(floors),
  };
};

/**
 * Compares something with its floor in several rounds, and again while the spread is too large.
 * @param measure takes one pair
 * @param tries how often at most
 * @returns the comparison with the least spread
 */
export const compare = async (
  rounds: number,
  measure: (round: number) => Promise<Pair>,
  tries = 1,
): Promise<Comparison> => {
  let best: Comparison | undefined;
  let round = 0;
  for (let tried = 0; tried < tries; tried++) {
    const pairs: Pair[] = [];
    for (let n = 0; n < rounds; n++) pairs.push(await measure(round++));
    const found = comparisonOf(pairs);
    if (best === undefined || found.spread < best.spread) best = found;
    if (best.spread <= MAX_SPREAD) break;
  }
  if (best === undefined) throw new Error("nothing was compared");
  return best;
};
