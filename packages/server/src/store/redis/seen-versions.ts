import { linePieces, PIECE_BYTES } from "../line-pieces.ts";
import type { SeenVersionStore } from "../types.ts";
import type { Connection } from "./connection.ts";
import { names } from "./names.ts";
import { unlessWrongType } from "./records.ts";

export const createSeenVersionStore = (connection: Connection): SeenVersionStore => {
  /** Runs a command on the lines of a registry that exists. It would fail at a key of another type, or replace it. */
  const change = async (command: "SET" | "APPEND", registry: string, lines: Buffer): Promise<void> => {
    const key = names.seenVersions(registry);
    if ((await connection.command("EXISTS", registry)) !== 1) return;
    const type = await connection.command<string>("TYPE", key);
    if (type === "string" || type === "none") await connection.command(command, key, lines);
  };
  /** The bytes from a position on, one more than a piece. */
  const bytesFrom = (key: string, from: number): Promise<Buffer> =>
    connection.bytes("GETRANGE", key, from, from + PIECE_BYTES) as Promise<Buffer>;
  return {
    get: (registry) => {
      const key = names.seenVersions(registry);
      return unlessWrongType(connection, { [key]: "string" }, [], async () => {
        const pieces: Buffer[] = [];
        for (let from = 0; ; ) {
          const [whole] = linePieces(await bytesFrom(key, from));
          if (whole === undefined) return pieces;
          pieces.push(whole);
          from += whole.length;
        }
      });
    },
    add: async (registry, lines) => {
      for (const one of linePieces(lines)) await change("APPEND", registry, one);
    },
    replace: (registry, lines) => change("SET", registry, lines),
  };
};
