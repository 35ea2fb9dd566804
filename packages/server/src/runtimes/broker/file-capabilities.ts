import type { FileHandle } from "node:fs/promises";
import { HitagiError } from "@hitagi/contract";
import { Type } from "typebox";
import { readAt } from "../../disk/regular-files.ts";
import type { FileAccess } from "../granted-files.ts";
import { argsOf, type Capability, capability, everyPlugin, grantedFiles, NoArgs } from "./capability.ts";

/** Bytes of one answer, so that a large file stays on disk. */
export const MAX_PIECE_BYTES = 4 * 1024 * 1024;

const MAX_ENTRIES = 10_000;

const FilePath = Type.String({ minLength: 1, maxLength: 4096 });

/** Random access to a database makes many small reads. */
const LIMITS = { concurrency: 2, perSecond: 2000, per: "call", maxQueued: 4096 } as const;

/** Which part of a file a plugin asks for. */
export const PieceArgs = {
  offset: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER - MAX_PIECE_BYTES }),
  length: Type.Integer({ minimum: 0, maximum: MAX_PIECE_BYTES }),
};

/** A part of an open file, with what tells the file's changes. The file is closed. */
export const readPiece = async (handle: FileHandle, offset: number, length: number) => {
  try {
    const { size, mtimeMs } = await handle.stat();
    const bytes = await readAt(handle, offset, Math.max(0, Math.min(length, size - offset)));
    return { base64: bytes.toString("base64"), size, modified: Math.floor(mtimeMs) };
  } finally {
    await handle.close();
  }
};

/** What plugins can do with the files that their owner grants them: only read. */
export const fileCapabilities = (files: Pick<FileAccess, "open" | "list">): readonly Capability[] => [
  capability({
    name: "files.granted",
    permission: everyPlugin,
    args: NoArgs,
    limits: LIMITS,
    run: async (_, __, { scope }) => scope.granted.files ?? [],
  }),
  capability({
    name: "files.list",
    permission: grantedFiles,
    args: argsOf({ folder: FilePath }),
    limits: { concurrency: 1, perSecond: 50, per: "call", maxQueued: 4096 },
    run: async ({ folder }, granted) => {
      const entries = await files.list(granted, folder, MAX_ENTRIES);
      if (entries) return entries;
      throw new HitagiError("CAPABILITY_LIMIT", { reason: `a folder has more than ${MAX_ENTRIES} entries` });
    },
  }),
  capability({
    name: "files.read",
    permission: grantedFiles,
    args: argsOf({ path: FilePath, ...PieceArgs }),
    limits: LIMITS,
    run: async ({ path, offset, length }, granted) =>
      readPiece(await files.open(granted, path), offset, length),
  }),
];
