import { open, readdir, readFile, rm } from "node:fs/promises";
import path from "node:path";
import { HitagiError } from "@hitagi/contract";
import { ifThere, storeError } from "../../disk/errors.ts";
import { linkOrCopy } from "../../disk/files.ts";
import { makeFolder } from "../../disk/folders.ts";
import type { BadRecords } from "../bad-records.ts";
import { type EntryPlace, readRows } from "../catalog-entry.ts";
import type { CatalogRow } from "../types.ts";
import type { Connection } from "./connection.ts";

/**
 * The cached indexes, two files for each generation: the document, and its rows, a line of JSON for each batch; a third has the
 * registry's details, if there are any. They are beside
 * the database because an index may have 100 MB, and a database writes each byte twice, on the thread that answers requests.
 * A read answers undefined if the generation is gone.
 */
export interface IndexFiles {
  write(
    generation: number,
    document: Buffer,
    rows: readonly CatalogRow[],
    details?: Buffer | undefined,
  ): Promise<void>;
  details(generation: number): Promise<Buffer | undefined>;
  document(generation: number): Promise<Buffer | undefined>;
  rows(generation: number): Promise<CatalogRow[] | undefined>;
  entry(generation: number, place: EntryPlace): Promise<string | undefined>;
  /** Makes a generation durable. */
  sync(generation: number): Promise<void>;
  remove(generation: number): Promise<void>;
  /** The generations that have files. */
  list(): Promise<number[]>;
  /** Copies the files of all generations into another folder, except those that exist there. */
  copy(folder: string): Promise<void>;
}

/** Rows that are converted before other work gets its turn: a few milliseconds. */
const BATCH_ROWS = 250;

const NAME = /^(\d+)\.json$/;
const PART = /^\d+\.(?:json|rows|details)$/;

const writeFileWith = async (file: string, pieces: Iterable<Buffer | string>): Promise<void> => {
  const handle = await open(file, "w", 0o600);
  try {
    for (const piece of pieces) await handle.appendFile(piece);
  } finally {
    await handle.close();
  }
};

const lines = function* (rows: readonly CatalogRow[]): Generator<string> {
  for (let from = 0; from < rows.length; from += BATCH_ROWS) {
    yield `${JSON.stringify(rows.slice(from, from + BATCH_ROWS))}\n`;
  }
};

const readFileRows = async (file: string, bad: BadRecords): Promise<CatalogRow[]> => {
  const rows: CatalogRow[] = [];
  const handle = await open(file, "r");
  try {
    for await (const line of handle.readLines()) rows.push(...readRows(bad, file, line));
  } finally {
    await handle.close();
  }
  return rows;
};

const readAt = async (file: string, { start, length }: EntryPlace): Promise<string> => {
  const handle = await open(file, "r");
  try {
    if (start + length > (await handle.stat()).size)
      throw new HitagiError("STORE_FAILED", { reason: "a cached index is cut short" });
    const { buffer } = await handle.read(Buffer.alloc(length), 0, length, start);
    return buffer.toString("utf8");
  } finally {
    await handle.close();
  }
};

const syncFile = async (file: string): Promise<void> => {
  const handle = await open(file, "r+");
  await handle.datasync().finally(() => handle.close());
};

/** @param folder made at the first write */
export const createIndexFiles = (folder: string, bad: BadRecords): IndexFiles => {
  const documentOf = (generation: number): string => path.join(folder, `${generation}.json`);
  const rowsOf = (generation: number): string => path.join(folder, `${generation}.rows`);
  const detailsOf = (generation: number): string => path.join(folder, `${generation}.details`);
  return {
    write: async (generation, document, rows, details) => {
      try {
        await makeFolder(folder, 0o700);
        const writing = writeFileWith(documentOf(generation), [document]);
        await Promise.all([writing, writeFileWith(rowsOf(generation), lines(rows))]);
        if (details) await writeFileWith(detailsOf(generation), [details]);
      } catch (error) {
        throw storeError(error);
      }
    },
    document: (generation) => ifThere(readFile(documentOf(generation))),
    details: (generation) => ifThere(readFile(detailsOf(generation))),
    rows: (generation) => ifThere(readFileRows(rowsOf(generation), bad)),
    entry: (generation, place) => ifThere(readAt(documentOf(generation), place)),
    sync: async (generation) => {
      await Promise.all([documentOf(generation), rowsOf(generation)].map(syncFile));
      await ifThere(syncFile(detailsOf(generation)));
    },
    remove: async (generation) => {
      await rm(rowsOf(generation), { force: true });
      await rm(detailsOf(generation), { force: true });
      // Last: a generation without a document does not exist.
      await rm(documentOf(generation), { force: true });
    },
    copy: async (other) => {
      await makeFolder(other, 0o700);
      for (const name of (await ifThere(readdir(folder))) ?? []) {
        if (PART.test(name)) await ifThere(linkOrCopy(path.join(folder, name), path.join(other, name)));
      }
    },
    list: async () =>
      ((await ifThere(readdir(folder))) ?? []).flatMap((name) => Number(NAME.exec(name)?.[1] ?? [])),
  };
};

/** The generations of cached indexes: each is written once, and removed when no registry refers to it. */
export interface Generations {
  /** Runs work that writes a new generation, and then collects garbage. */
  write(work: (generation: number) => Promise<void>): Promise<void>;
  /** Begins to remove, in the background, the generations that no registry refers to. */
  collect(): void;
  /** Resolves when all running work has ended. The next opening removes the rest. */
  close(): Promise<void>;
}

interface GenerationsDeps {
  connection: Connection;
  files: IndexFiles;
  /** Called when a removal failed; the next one repeats it. */
  onError: (error: unknown) => void;
}

const statements = ({ prepare }: Connection) => ({
  owned: prepare("SELECT generation FROM catalog_indexes"),
  unsynced: prepare("SELECT generation FROM catalog_indexes WHERE synced = 0"),
  synced: prepare("UPDATE catalog_indexes SET synced = 1 WHERE generation = ?"),
  drop: prepare("DELETE FROM catalog_indexes WHERE generation = ?"),
});
type Statements = ReturnType<typeof statements>;

const numbers = (rows: unknown[]): number[] => (rows as { generation: number }[]).map((r) => r.generation);

/** Whether a generation's files have an entry for each row. A power cut may leave them short or full of zeros. */
const isWhole = async (files: IndexFiles, generation: number): Promise<boolean> => {
  try {
    const document = await files.document(generation);
    const rows = await files.rows(generation);
    for (const { start, length } of rows ?? []) {
      JSON.parse(document?.toString("utf8", start, start + length) ?? "");
    }
    return document !== undefined && rows !== undefined;
  } catch {
    return false;
  }
};

/**
 * Drops cached indexes whose files are missing, or were damaged by a power cut: their registries are then as before the first
 * refresh. Only files that were not yet durable are read.
 */
const dropDamaged = async ({ connection, files }: GenerationsDeps, sql: Statements): Promise<void> => {
  const present = new Set(await files.list());
  const unsynced = new Set(numbers(sql.unsynced.all()));
  for (const generation of numbers(sql.owned.all())) {
    const whole =
      present.has(generation) && (!unsynced.has(generation) || (await isWhole(files, generation)));
    if (!whole) await connection.write(() => void sql.drop.run(generation));
  }
};

/** Opens the generations, and begins to remove what a killed server left. */
export const openGenerations = async (deps: GenerationsDeps): Promise<Generations> => {
  const { connection, files, onError } = deps;
  const sql = statements(connection);
  await dropDamaged(deps, sql);
  const writing = new Map<number, Promise<void>>();
  let last = Math.max(0, ...(await files.list()), ...numbers(sql.owned.all()));
  let closed = false;
  let background: Promise<void> = Promise.resolve();

  /** A power cut may restore the index before; so the new one is made durable before the old one is removed. */
  const syncAll = async (): Promise<void> => {
    for (const generation of await connection.read(() => numbers(sql.unsynced.all()))) {
      await files.sync(generation);
      await connection.write(() => void sql.synced.run(generation));
    }
  };
  /** Generations that no registry refers to and that are not being written. */
  const garbage = async (): Promise<number[]> => {
    const written = await files.list();
    return connection.read(() => {
      const owned = new Set(numbers(sql.owned.all()));
      return written.filter((generation) => !owned.has(generation) && !writing.has(generation));
    });
  };
  const tidy = async (): Promise<void> => {
    if (closed) return;
    await syncAll();
    for (const generation of await garbage()) await files.remove(generation);
  };
  const collect = (): void => {
    background = background.then(tidy).catch(onError);
  };

  collect();
  return {
    collect,
    write: async (work) => {
      if (closed) throw new HitagiError("STORE_FAILED", { reason: "it is closed" });
      const generation = ++last;
      const running = work(generation).finally(() => {
        writing.delete(generation);
        collect();
      });
      writing.set(generation, running);
      await running;
    },
    close: async () => {
      await Promise.allSettled(writing.values());
      closed = true;
      await background;
    },
  };
};
