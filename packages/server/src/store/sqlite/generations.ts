import { HitagiError } from "@hitagi/contract";
import type { Connection } from "./connection.ts";
import type { IndexFiles } from "./index-files.ts";

/** The generations of cached indexes: each is written once, and removed when no registry refers to it. */
export interface Generations {
  /** Runs work that writes a new generation, and then collects garbage. */
  write(work: (generation: number) => Promise<void>): Promise<void>;
  /** Begins to remove, in the background, the generations that no registry refers to. */
  collect(): void;
  /** Resolves when all running work has ended. The next opening removes the rest. */
  close(): Promise<void>;
}

export interface GenerationsDeps {
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
