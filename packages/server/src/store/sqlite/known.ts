import type { KnownStore } from "../types.ts";
import type { Connection } from "./connection.ts";

/** Stands for the library itself, so that an empty one is told from one that was never seen. */
const SEEN = "";

/** The archives that a SQLite store knows of libraries elsewhere. */
export const createKnownStore = (connection: Connection): KnownStore => {
  const all = connection.prepare("SELECT id FROM known_archives WHERE library = ?");
  const add = connection.prepare("INSERT OR IGNORE INTO known_archives (library, id) VALUES (?, ?)");
  const remove = connection.prepare("DELETE FROM known_archives WHERE library = ? AND id = ?");

  return {
    of: (library) =>
      connection.read(() => {
        const ids = new Set((all.all(library) as { id: string }[]).map(({ id }) => id));
        return ids.delete(SEEN) ? ids : undefined;
      }),
    change: (library, came, went) =>
      connection.write(() => {
        for (const id of [SEEN, ...came]) add.run(library, id);
        for (const id of went) remove.run(library, id);
      }),
  };
};
