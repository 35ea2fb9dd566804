import { HitagiError } from "@hitagi/contract";
import type { Connection } from "./connection.ts";
import type { IndexFiles } from "./index-files.ts";

/** The generations of the catalog: one a cached index, each written once and removed when no registry has it. */
export interface Generations {
  /** Runs work that writes a new generation. What no registry has then is removed in the background. */
  write(work: (generation: number) => Promise<void>): Promise<void>;
  /** Begins to remove, in the background, what no registry has. */
  sweep(): void;
  /** Resolves when all that was begun has ended; what is not removed by then goes after the next opening. */
  close(): Promise<void>;
}

export interface GenerationsDeps {
  connection: Connection;
  files: IndexFiles;
  /** Told of a removal that failed; what it left goes with the next one. */
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

/** Whether a generation's files hold an entry for each row; after a power cut they may be short, or hold zeros. */
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
 * Gives up cached indexes whose files did not outlive a power cut or were taken away: their registries are then as
 * before their first refresh. Costs nothing but a look at the folder where the last server wrote everything out.
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

/** Opens the generations, and begins to remove what a server that was killed left. */
export const openGenerations = async (deps: GenerationsDeps): Promise<Generations> => {
  const { connection, files, onError } = deps;
  const sql = statements(connection);
  await dropDamaged(deps, sql);
  const inWork = new Map<number, Promise<void>>();
  let last = Math.max(0, ...(await files.list()), ...numbers(sql.owned.all()));
  let closed = false;
  let background: Promise<void> = Promise.resolve();

  /** What is about to go may be what a power cut brings back: what took its place is made durable first. */
  const settle = async (): Promise<void> => {
    for (const generation of await connection.read(() => numbers(sql.unsynced.all()))) {
      await files.sync(generation);
      await connection.write(() => void sql.synced.run(generation));
    }
  };
  /** At one instant: no registry will ever have what none has and nobody writes. */
  const abandoned = async (): Promise<number[]> => {
    const written = await files.list();
    return connection.read(() => {
      const owned = new Set(numbers(sql.owned.all()));
      return written.filter((generation) => !owned.has(generation) && !inWork.has(generation));
    });
  };
  const tidy = async (): Promise<void> => {
    if (closed) return;
    await settle();
    for (const generation of await abandoned()) await files.remove(generation);
  };
  const sweep = (): void => {
    background = background.then(tidy).catch(onError);
  };

  sweep();
  return {
    sweep,
    write: async (work) => {
      if (closed) throw new HitagiError("STORE_FAILED", { reason: "it is closed" });
      const generation = ++last;
      const running = work(generation).finally(() => {
        inWork.delete(generation);
        sweep();
      });
      inWork.set(generation, running);
      await running;
    },
    close: async () => {
      await Promise.allSettled(inWork.values());
      closed = true;
      await background;
    },
  };
};
