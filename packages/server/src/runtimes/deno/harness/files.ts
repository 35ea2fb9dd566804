import { decodeBytes, type Encoded } from "./encoding.ts";
import { requestHost } from "./host-requests.ts";
import type { RunningCall } from "./running-call.ts";

/** Bytes of one answer, as the host allows. */
const PIECE = 4 * 1024 * 1024;

/** Bytes of a file that is read as a whole, so that it fits into the plugin's memory. */
const MAX_WHOLE = 64 * 1024 * 1024;

/** A part of a file, with the file's size, and the time of its last change in epoch milliseconds. */
interface Piece extends Encoded {
  size: number;
  modified: number;
}

/** A file of which parts are read. @param read asks the host for a part */
export const openFile = async (read: (offset: number, length: number) => Promise<unknown>) => {
  const { size, modified } = (await read(0, 0)) as Piece;
  const readAt = async (offset: number, length: number) => decodeBytes((await read(offset, length)) as Piece);
  return { size, modified, readAt };
};

/** `ctx.files`: the files that the owner granted. */
export const fileFunctions = (call: RunningCall) => {
  const request = async (path: string, offset: number, length: number) =>
    (await requestHost(call, "files.read", { path, offset, length })) as Piece;

  const read = async (path: string): Promise<Uint8Array<ArrayBuffer>> => {
    const first = await request(path, 0, PIECE);
    const { size, modified } = first;
    if (size > MAX_WHOLE)
      throw new Error(`${path} is larger than ${MAX_WHOLE} bytes; read parts of it with ctx.files.open`);
    const whole = new Uint8Array(size);
    for (let piece = first, filled = 0; ; piece = await request(path, filled, PIECE)) {
      const bytes = decodeBytes(piece);
      const isChanged = piece.size !== size || piece.modified !== modified;
      if (isChanged || (bytes.length === 0 && filled < size))
        throw new Error(`${path} was changed while it was read`);
      whole.set(bytes, filled);
      filled += bytes.length;
      if (filled === size) return whole;
    }
  };

  const text = async (path: string): Promise<string> =>
    new TextDecoder("utf-8", { fatal: true }).decode(await read(path));

  return {
    granted: () => requestHost(call, "files.granted", {}),
    list: (folder: string) => requestHost(call, "files.list", { folder }),
    read,
    text,
    json: async (path: string) => JSON.parse(await text(path)) as unknown,
    open: (path: string) => openFile((offset, length) => request(path, offset, length)),
  };
};
