import { setImmediate as nextTurn } from "node:timers/promises";
import { HitagiError } from "@hitagi/contract";
import type { Connection } from "./connection.ts";

/** Entries that are removed before other work gets a turn: a few milliseconds. */
const BATCH_ROWS = 200;
/** Characters written, or batches removed, from which moving them out of the log would be felt here. */
const LARGE = 2 * 1024 * 1024;
const MANY_BATCHES = 5;

/** The generations of the catalog: one a cached index, each written once and removed when no registry has it. */
export interface Generations {
  /**
   * Runs work that writes a new generation, at full speed. Afterwards, in the background, the log is moved into
   * the database, and every generation that no registry has is removed.
   * @param work answers how many characters it wrote
   */
  write(work: (generation: number) => Promise<number>): Promise<void>;
  /** Begins to remove, in the background, what no registry has. */
  sweep(): void;
  /** Resolves when all that was begun has ended; what is not removed by then goes after the next opening. */
  close(): Promise<void>;
}

export interface GenerationsDeps {
  connection: Connection;
  /** Moves the log into the database without holding up this thread. */
  checkpoint: () => Promise<void>;
  /** Told of a removal or a move that failed; what it left goes with the next one. */
  onError: (error: unknown) => void;
}

const createRemoval = (connection: Connection) => {
  const unowned = connection.prepare(`SELECT DISTINCT generation FROM catalog_summaries
    WHERE generation NOT IN (SELECT generation FROM catalog_indexes)`);
  const dropSummaries = connection.prepare("DELETE FROM catalog_summaries WHERE generation = ?");
  const dropEntries = connection.prepare(`DELETE FROM catalog_entries WHERE rowid IN
    (SELECT rowid FROM catalog_entries WHERE generation = ? LIMIT ${BATCH_ROWS})`);
  return {
    /** What no registry has and nobody writes, at one instant: no registry will ever have it. */
    abandoned: (inWork: ReadonlyMap<number, unknown>): Promise<number[]> =>
      connection.read(() => {
        const rows = unowned.all() as { generation: number }[];
        return rows.map((row) => row.generation).filter((generation) => !inWork.has(generation));
      }),
    /** Answers how many batches it took. Summaries go last: a generation that has none is taken for gone. */
    remove: async (generation: number, goOn: () => boolean): Promise<number> => {
      for (let batches = 0; ; batches += 1) {
        if (!goOn()) return batches;
        if ((await connection.write(() => dropEntries.run(generation).changes, "relaxed")) === 0) {
          await connection.write(() => void dropSummaries.run(generation), "relaxed");
          return batches;
        }
        await nextTurn();
      }
    },
  };
};

export const createGenerations = ({ connection, checkpoint, onError }: GenerationsDeps): Generations => {
  const highest = connection.prepare(`SELECT max(
    (SELECT coalesce(max(generation), 0) FROM catalog_indexes),
    (SELECT coalesce(max(generation), 0) FROM catalog_summaries)) AS n`);
  const removal = createRemoval(connection);
  const inWork = new Map<number, Promise<void>>();
  let last = (highest.get() as { n: number }).n;
  let closed = false;
  let background: Promise<void> = Promise.resolve();

  const removeAbandoned = async (): Promise<number> => {
    let batches = 0;
    for (const generation of await removal.abandoned(inWork)) {
      batches += await removal.remove(generation, () => !closed);
    }
    return batches;
  };
  /** The log is moved before the removal too, so that a durable change need not wait until it is all on the disk. */
  const tidy = async (written: number): Promise<void> => {
    connection.autoCheckpoint(false);
    try {
      if (written >= LARGE) await checkpoint().catch(onError);
      if ((await removeAbandoned()) >= MANY_BATCHES) await checkpoint().catch(onError);
    } finally {
      if (inWork.size === 0) connection.autoCheckpoint(true);
    }
  };
  const later = (written: number): void => {
    background = background.then(() => tidy(written)).catch(onError);
  };

  const run = async (generation: number, work: (generation: number) => Promise<number>): Promise<void> => {
    // Where the work fails it is not known how much it wrote: taken for much.
    let written = LARGE;
    try {
      written = await work(generation);
    } finally {
      inWork.delete(generation);
      later(written);
    }
  };

  return {
    sweep: () => later(0),
    write: async (work) => {
      if (closed) throw new HitagiError("STORE_FAILED", { reason: "it is closed" });
      connection.autoCheckpoint(false);
      last += 1;
      const running = run(last, work);
      inWork.set(last, running);
      await running;
    },
    close: async () => {
      await Promise.allSettled(inWork.values());
      closed = true;
      await background;
    },
  };
};
