/**
 * The processor time of some synchronous work in microseconds: the least of three runs. What else runs on the machine makes
 * the work take longer, but not more of this time.
 */
export const processorTime = (work: () => unknown): number => {
  const times = [1, 2, 3].map(() => {
    const before = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(before);
    return user + system;
  });
  return Math.min(...times);
};

/** The same of work that waits, in a process that does nothing else meanwhile. */
export const processorTimeOf = async (work: () => Promise<unknown>): Promise<number> => {
  let least = Number.POSITIVE_INFINITY;
  for (let run = 0; run < 3; run++) {
    const before = process.cpuUsage();
    await work();
    const { user, system } = process.cpuUsage(before);
    least = Math.min(least, user + system);
  }
  return least;
};
