import { linePieces, PIECE_BYTES } from "../line-pieces.ts";
import type { SeenVersionStore } from "../types.ts";
import type { Connection } from "./connection.ts";
import { names } from "./names.ts";
import { unlessWrongType } from "./records.ts";

export const createSeenVersionStore = (connection: Connection): SeenVersionStore => {
  /** Runs a command on lines. It would fail at a key of another type, or replace it. */
  const change = async (command: "SET" | "APPEND", owner: string, lines: Buffer): Promise<void> => {
    const key = names.seenVersions(owner);
    const isGone = owner.startsWith("REG_") && (await connection.command("EXISTS", owner)) !== 1;
    if (isGone) return;
    const type = await connection.command<string>("TYPE", key);
    if (type === "string" || type === "none") await connection.command(command, key, lines);
  };
  /** The bytes from a position on, one more than a piece. */
  const bytesFrom = (key: string, from: number): Promise<Buffer> =>
    connection.bytes("GETRANGE", key, from, from + PIECE_BYTES) as Promise<Buffer>;
  return {
    get: (owner) => {
      const key = names.seenVersions(owner);
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
    add: async (owner, lines) => {
      for (const one of linePieces(lines)) await change("APPEND", owner, one);
    },
    replace: (owner, lines) => change("SET", owner, lines),
  };
};
