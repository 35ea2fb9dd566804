import { setImmediate } from "node:timers/promises";

/** Milliseconds that long work holds the event loop at a time. */
const TURN_MS = 5;

/** Items between two readings of the clock. Few, because an attacker may have made each of them slow; reading the clock takes far less than an item. */
const LOOK = 4;

/**
 * Goes through many items. Other work gets its turn every few milliseconds, so `items` must not change meanwhile.
 * @param work called for each item
 */
export const eachInTurns = async <T>(
  items: readonly T[],
  work: (item: T, position: number) => void,
): Promise<void> => {
  let begin = performance.now();
  for (let n = 0; n < items.length; n++) {
    if (n % LOOK === LOOK - 1 && performance.now() - begin > TURN_MS) {
      await setImmediate();
      begin = performance.now();
    }
    work(items[n] as T, n);
  }
};

/** The items for which `keep` is true, found in turns. */
export const filterInTurns = async <T>(items: readonly T[], keep: (item: T) => boolean): Promise<T[]> => {
  const kept: T[] = [];
  await eachInTurns(items, (item) => {
    if (keep(item)) kept.push(item);
  });
  return kept;
};

/** Items that are sorted at once; two sorted parts are merged in turns. */
const SORTED_AT_ONCE = 512;

const merge = async <T>(
  left: readonly T[],
  right: readonly T[],
  compare: (a: T, b: T) => number,
): Promise<T[]> => {
  const merged: T[] = [];
  let n = 0;
  await eachInTurns(right, (item) => {
    while (n < left.length && compare(left[n] as T, item) <= 0) merged.push(left[n++] as T);
    merged.push(item);
  });
  while (n < left.length) merged.push(left[n++] as T);
  return merged;
};

/** Sorts like `toSorted`, stable too, in turns. */
export const sortInTurns = async <T>(items: readonly T[], compare: (a: T, b: T) => number): Promise<T[]> => {
  const parts: T[][] = [];
  const starts = Array.from(
    { length: Math.ceil(items.length / SORTED_AT_ONCE) },
    (_, n) => n * SORTED_AT_ONCE,
  );
  for (const start of starts) {
    parts.push(items.slice(start, start + SORTED_AT_ONCE).sort(compare));
    await setImmediate();
  }
  while (parts.length > 1) {
    const merged: T[][] = [];
    for (let n = 0; n < parts.length; n += 2) {
      const [left = [], right] = [parts[n], parts[n + 1]];
      merged.push(right ? await merge(left, right, compare) : left);
    }
    parts.splice(0, parts.length, ...merged);
  }
  return parts[0] ?? [];
};
