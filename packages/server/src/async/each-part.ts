import { setImmediate } from "node:timers/promises";

/**
 * Works on many items part by part. Other work gets its turn between the parts.
 * @param size of a part
 * @param work called for each part, with the position of its first item and the one after its last item
 */
export const eachPart = async (
  count: number,
  size: number,
  work: (from: number, to: number) => void,
): Promise<void> => {
  for (let from = 0; from < count; from += size) {
    if (from > 0) await setImmediate();
    work(from, Math.min(from + size, count));
  }
};
