/** Milliseconds between two writes of one job's notes. */
const WRITE_EVERY = 200;

/** The notes of a running job, which are stored less often than they change. */
export interface Notes {
  set(notes: Record<string, string>): void;
  /** Stops writing. @returns the notes, for the caller to store */
  close(): Record<string, string>;
}

/**
 * @param initial the notes that the job was queued with
 * @param write stores all notes; called at once, then at most every 200 ms while they change
 */
export const createNotes = (
  initial: Record<string, string>,
  write: (notes: Record<string, string>) => void,
): Notes => {
  let notes = initial;
  let changed = false;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  const flush = (): void => {
    timer = undefined;
    if (!changed) return;
    changed = false;
    write(notes);
    timer = setTimeout(flush, WRITE_EVERY);
  };
  return {
    set: (more) => {
      if (closed) return;
      const texts = Object.entries(more).map(([name, value]) => [name, String(value)]);
      notes = { ...notes, ...Object.fromEntries(texts) };
      changed = true;
      if (!timer) flush();
    },
    close: () => {
      closed = true;
      clearTimeout(timer);
      return notes;
    },
  };
};
