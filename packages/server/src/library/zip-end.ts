import type { FileHandle } from "node:fs/promises";
import { readAt } from "../disk/regular-files.ts";

/** The part of a file that is a zip: other bytes may stand before and after it. */
export interface ZipRange {
  start: number;
  /** The position behind it. */
  end: number;
}

/**
 * Bytes from the file's end in which the end of a zip is looked for, one after the other: most zips end without a comment, the longest
 * comment and what a server appends to a download are within the second, and a file that was appended within the last.
 */
const SEARCHED: readonly number[] = [512, 256 * 1024, 16 * 1024 * 1024];
/** End records that are tried: a hostile file is full of them. */
const MAX_TRIES = 64;

const END = "PK\x05\x06";
const END_BYTES = 22;
const LOCATOR = 0x07064b50;
const LOCATOR_BYTES = 20;
const END_64 = 0x06064b50;
const END_64_BYTES = 56;
const CENTRAL = 0x02014b50;

/** Bytes of the file, with zeros for those that it does not have. */
const padded = async (handle: FileHandle, position: number, length: number): Promise<Buffer> => {
  const bytes = position < 0 ? Buffer.alloc(0) : await readAt(handle, position, length);
  return Buffer.concat([bytes], length);
};

const hasSignature = async (handle: FileHandle, position: number, signature: number): Promise<boolean> =>
  (await padded(handle, position, 4)).readUInt32LE(0) === signature;

/**
 * How many bytes stand before the zip: how far a part lies behind the position that the zip says.
 * @returns undefined where the part is in neither place
 */
const bytesBefore = async (
  handle: FileHandle,
  signature: number,
  said: number,
  actual: number,
): Promise<number | undefined> => {
  if (await hasSignature(handle, said, signature)) return 0;
  return actual >= said && (await hasSignature(handle, actual, signature)) ? actual - said : undefined;
};

/** Where the zip of an end record begins (APPNOTE 6.3.10 §4.3.14 to §4.3.16). */
const startOf = async (handle: FileHandle, end: number, record: Buffer): Promise<number | undefined> => {
  const locator = await padded(handle, end - LOCATOR_BYTES, LOCATOR_BYTES);
  if (locator.readUInt32LE(0) === LOCATOR) {
    const said = Number(locator.readBigUInt64LE(8));
    return bytesBefore(handle, END_64, said, end - LOCATOR_BYTES - END_64_BYTES);
  }
  const [count, size, said] = [record.readUInt16LE(10), record.readUInt32LE(12), record.readUInt32LE(16)];
  return count === 0 ? Math.max(0, end - size - said) : bytesBefore(handle, CENTRAL, said, end - size);
};

const findIn = async (handle: FileHandle, size: number, searched: number): Promise<ZipRange | undefined> => {
  const from = Math.max(0, size - searched);
  const tail = await readAt(handle, from, size - from);
  let n = tail.length - END_BYTES;
  for (let tries = 0; tries < MAX_TRIES && n >= 0; tries++, n--) {
    n = tail.lastIndexOf(END, n, "latin1");
    if (n < 0) return undefined;
    const record = tail.subarray(n, n + END_BYTES);
    const end = from + n + END_BYTES + record.readUInt16LE(20);
    const start = end > size ? undefined : await startOf(handle, from + n, record);
    if (start !== undefined) return { start, end };
  }
  return undefined;
};

/** Finds the last zip in a file by its end record. @returns undefined if there is none whose directory is where it says */
export const findZipEnd = async (handle: FileHandle, size: number): Promise<ZipRange | undefined> => {
  for (const [n, searched] of SEARCHED.entries()) {
    // All of a small file was looked at.
    if (n > 0 && size <= (SEARCHED[n - 1] ?? 0)) return undefined;
    const found = await findIn(handle, size, searched);
    if (found) return found;
  }
  return undefined;
};
