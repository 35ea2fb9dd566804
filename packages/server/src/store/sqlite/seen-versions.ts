import { setImmediate } from "node:timers/promises";
import { linePieces } from "../line-pieces.ts";
import type { SeenVersionStore } from "../types.ts";
import type { Connection } from "./connection.ts";

interface Row {
  id: number;
  lines: Uint8Array;
}

/** The changes of lines for use within a transaction. A registry that is gone takes none. */
export const seenLineChanges = ({ prepare }: Connection) => {
  const insert = prepare(`INSERT INTO seen_lines (owner, lines)
    SELECT ?1, ?2 WHERE ?1 NOT LIKE 'REG\\_%' ESCAPE '\\' OR EXISTS (SELECT 1 FROM registries WHERE id = ?1)`);
  const forget = prepare("DELETE FROM seen_lines WHERE owner = ?");
  return {
    add: (owner: string, piece: Buffer): void => void insert.run(owner, piece),
    forget: (owner: string): void => void forget.run(owner),
  };
};

/** A row is a piece of at most a megabyte, so that no read or change of one holds up other work. */
export const createSeenVersionStore = (connection: Connection): SeenVersionStore => {
  const next = connection.one<Row>(
    "SELECT id, lines FROM seen_lines WHERE owner = ? AND id > ? ORDER BY id LIMIT 1",
  );
  const last = connection.one<{ id: number | null }>("SELECT max(id) AS id FROM seen_lines");
  const changes = seenLineChanges(connection);
  const remove = connection.change(
    "DELETE FROM seen_lines WHERE id = (SELECT id FROM seen_lines WHERE owner = ? AND id <= ? LIMIT 1)",
  );

  const add: SeenVersionStore["add"] = async (owner, lines) => {
    for (const piece of linePieces(lines)) {
      await connection.write(() => changes.add(owner, piece));
      await setImmediate();
    }
  };
  return {
    get: async (owner) => {
      const pieces: Buffer[] = [];
      for (let row = await next(owner, 0); row; row = await next(owner, row.id)) {
        const { buffer, byteOffset, byteLength } = row.lines;
        pieces.push(Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength));
        await setImmediate();
      }
      return pieces;
    },
    add,
    replace: async (owner, lines) => {
      const before = (await last())?.id ?? 0;
      await add(owner, lines);
      // The first line of a version counts: so the old ones go last.
      while ((await remove(owner, before)) > 0) await setImmediate();
    },
  };
};
