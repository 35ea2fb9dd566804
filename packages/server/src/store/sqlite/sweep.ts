import { setImmediate as nextTurn } from "node:timers/promises";
import type { Connection } from "./connection.ts";

/** Entries that are removed before other work gets a turn: a few milliseconds. */
const BATCH_ROWS = 200;

/** Gives out generations of the catalog, and removes those that no registry has. */
export interface Sweep {
  /** Runs work that writes a new generation; whatever generation nobody has afterwards is removed. */
  writing(work: (generation: number) => Promise<void>): Promise<void>;
  /** Begins to remove, in the background, what nobody has. */
  start(): void;
  /** Resolves when all work and removal that was begun has ended; none begins afterwards. */
  close(): Promise<void>;
}

/** @param onError told of a removal that failed; what it left goes with the next one */
export const createSweep = (connection: Connection, onError: (error: unknown) => void): Sweep => {
  const highest = connection.prepare(`SELECT max(
    (SELECT coalesce(max(generation), 0) FROM catalog_indexes),
    (SELECT coalesce(max(generation), 0) FROM catalog_summaries)) AS n`);
  const unowned = connection.prepare(`SELECT DISTINCT generation FROM catalog_summaries
    WHERE generation NOT IN (SELECT generation FROM catalog_indexes)`);
  const dropSummaries = connection.prepare("DELETE FROM catalog_summaries WHERE generation = ?");
  const dropEntries = connection.prepare(`DELETE FROM catalog_entries WHERE rowid IN
    (SELECT rowid FROM catalog_entries WHERE generation = ? LIMIT ${BATCH_ROWS})`);

  let last = (highest.get() as { n: number }).n;
  let closed = false;
  let sweeping: Promise<void> = Promise.resolve();
  const inWork = new Map<number, Promise<void>>();

  /** Summaries go last: a generation that has none is taken for gone. */
  const remove = async (generation: number): Promise<void> => {
    while (!closed && (await connection.write(() => dropEntries.run(generation).changes, "relaxed")) > 0) {
      await nextTurn();
    }
    if (!closed) await connection.write(() => void dropSummaries.run(generation), "relaxed");
  };
  const removeUnowned = async (): Promise<void> => {
    const rows = (await connection.read(() => unowned.all())) as { generation: number }[];
    for (const { generation } of rows) if (!inWork.has(generation) && !closed) await remove(generation);
  };
  const start = (): void => {
    if (!closed) sweeping = sweeping.then(removeUnowned).catch(onError);
  };

  return {
    start,
    writing: async (work) => {
      last += 1;
      const generation = last;
      const done = work(generation);
      inWork.set(generation, done);
      try {
        await done;
      } finally {
        inWork.delete(generation);
        start();
      }
    },
    close: async () => {
      await Promise.allSettled(inWork.values());
      closed = true;
      await sweeping;
    },
  };
};
