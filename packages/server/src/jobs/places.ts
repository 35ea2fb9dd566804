/** Jobs that may wait outside at once; further ones keep their place while they wait. */
const MAX_WAITING = 10_000;

/** The places of running jobs, of which a job that only waits needs none. */
export interface Places {
  /** Gives a job's place to another one. @returns takes it back; the job may run beside the one that has it now */
  leave(): () => void;
}

/** @param onChange told how many jobs wait outside */
export const createPlaces = (onChange: (waiting: number) => void): Places & { waiting(): number } => {
  let waiting = 0;
  const change = (by: number): void => {
    waiting += by;
    onChange(waiting);
  };
  return {
    waiting: () => waiting,
    leave: () => {
      if (waiting >= MAX_WAITING) return () => {};
      change(1);
      return () => change(-1);
    },
  };
};
