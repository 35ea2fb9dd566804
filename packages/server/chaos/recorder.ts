import type { Read, Register, Write } from "./consistency-checker.ts";

/** A write in progress. Until one of these is called it may take effect at any time. */
export interface Change {
  /** It surely took effect. @param value which of the values it was, where there were several */
  done(value?: string): void;
  /** It surely did not, and never will. */
  refused(): void;
  /** It may have, or may still until the next {@link Recorder.rest}. */
  unsure(): void;
  /** The same, but it may take effect at any later time: only another write ends that. */
  lingers(): void;
}

/** Records the writes and reads of a cluster with their times, by one clock. */
export interface Recorder {
  readonly writes: readonly Write[];
  readonly reads: readonly Read[];
  /** Milliseconds since the recorder was made. */
  now(): number;
  /** Records a register's first value. */
  initial(register: Register, value: string): void;
  begin(register: Register, values: readonly string[], by: string): Change;
  read(read: Read): void;
  /** From now on no earlier write can take effect any more. */
  rest(): void;
}

export const createRecorder = (clock: () => number = () => performance.now()): Recorder => {
  const start = clock();
  const now = (): number => clock() - start;
  const writes: Write[] = [];
  const reads: Read[] = [];
  const open = new Set<Write>();

  const begin: Recorder["begin"] = (register, values, by) => {
    const write: Write = { register, values, begin: now(), end: Number.POSITIVE_INFINITY, done: false, by };
    writes.push(write);
    return {
      done: (value) => {
        open.delete(write);
        Object.assign(write, { end: now(), done: true, values: value === undefined ? values : [value] });
      },
      refused: () => {
        open.delete(write);
        const at = writes.indexOf(write);
        if (at >= 0) writes.splice(at, 1);
      },
      unsure: () => void open.add(write),
      lingers: () => void open.delete(write),
    };
  };

  return {
    writes,
    reads,
    now,
    initial: (register, value) => {
      const before = Number.NEGATIVE_INFINITY;
      writes.push({ register, values: [value], begin: before, end: before, done: true, by: "the beginning" });
    },
    begin,
    read: (read) => void reads.push(read),
    rest: () => {
      for (const write of open) write.end = now();
      open.clear();
    },
  };
};
