import { setImmediate as nextTurn } from "node:timers/promises";
import { HitagiError } from "@hitagi/contract";
import type { Connection } from "./connection.ts";

/** Entries that are removed before other work gets a turn: a few milliseconds. */
const BATCH_ROWS = 200;
/** Characters from which moving a write out of the log would be felt, and is done on another thread. */
const LARGE = 2 * 1024 * 1024;

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
  /** Told of a removal that failed; what it left goes with the next one. */
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
    /** Summaries go last: a generation that has none is taken for gone. */
    remove: async (generation: number, goOn: () => boolean): Promise<void> => {
      while ((await connection.write(() => dropEntries.run(generation).changes, "relaxed")) > 0) {
        await nextTurn();
        if (!goOn()) return;
      }
      await connection.write(() => void dropSummaries.run(generation), "relaxed");
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

  const removeUnowned = async (): Promise<void> => {
    for (const generation of await removal.abandoned(inWork)) {
      if (closed) return;
      await removal.remove(generation, () => !closed);
    }
  };
  const moveLog = async (written: number): Promise<void> => {
    if (written >= LARGE) await checkpoint().catch(onError);
    if (inWork.size === 0) connection.autoCheckpoint(true);
  };
  const later = (work: () => Promise<void>): void => {
    background = background.then(work).catch(onError);
  };

  const run = async (generation: number, work: (generation: number) => Promise<number>): Promise<void> => {
    // Where the work fails it is not known how much it wrote: taken for much.
    let written = LARGE;
    try {
      written = await work(generation);
    } finally {
      inWork.delete(generation);
      later(() => moveLog(written));
      later(removeUnowned);
    }
  };

  return {
    sweep: () => later(removeUnowned),
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
