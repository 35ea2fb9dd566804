import { setImmediate } from "node:timers/promises";
import { linePieces } from "../line-pieces.ts";
import type { SeenVersionStore } from "../types.ts";
import type { Connection } from "./connection.ts";

interface Row {
  id: number;
  lines: Uint8Array;
}

/** A row is a piece of at most a megabyte, so that no read or change of one holds up other work. */
export const createSeenVersionStore = (connection: Connection): SeenVersionStore => {
  const next = connection.one<Row>(
    "SELECT id, lines FROM seen_lines WHERE registry = ? AND id > ? ORDER BY id LIMIT 1",
  );
  const last = connection.one<{ id: number | null }>("SELECT max(id) AS id FROM seen_lines");
  const insert = connection.prepare(
    "INSERT INTO seen_lines (registry, lines) SELECT id, ? FROM registries WHERE id = ?",
  );
  const remove = connection.change(
    "DELETE FROM seen_lines WHERE id = (SELECT id FROM seen_lines WHERE registry = ? AND id <= ? LIMIT 1)",
  );

  const add: SeenVersionStore["add"] = async (registry, lines) => {
    for (const piece of linePieces(lines)) {
      await connection.write(() => void insert.run(piece, registry));
      await setImmediate();
    }
  };
  return {
    get: async (registry) => {
      const pieces: Buffer[] = [];
      for (let row = await next(registry, 0); row; row = await next(registry, row.id)) {
        const { buffer, byteOffset, byteLength } = row.lines;
        pieces.push(Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength));
        await setImmediate();
      }
      return pieces;
    },
    add,
    replace: async (registry, lines) => {
      const before = (await last())?.id ?? 0;
      await add(registry, lines);
      // The first line of a version counts: so the old ones go last.
      while ((await remove(registry, before)) > 0) await setImmediate();
    },
  };
};
