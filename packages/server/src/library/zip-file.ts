import type { FileHandle } from "node:fs/promises";
import { Readable } from "node:stream";
import { RandomAccessReader } from "yauzl";
import { readAt } from "../disk/regular-files.ts";
import type { ZipRange } from "./zip-end.ts";

/** Bytes read ahead, so that most central directories take one read. */
const WINDOW = 64 * 1024;

/** Random access to the part of an open file that is a zip. Offsets come from the file and may be hostile, so each is checked against its size. */
export class ZipFileReader extends RandomAccessReader {
  readonly #handle: FileHandle;
  readonly #first: number;
  readonly #size: number;
  #window: Buffer = Buffer.alloc(0);
  #start = 0;

  constructor(handle: FileHandle, { start, end }: ZipRange) {
    super();
    this.#handle = handle;
    this.#first = start;
    this.#size = end - start;
  }

  /** Exactly `length` bytes from `position`, counted from the zip's beginning. */
  async bytes(position: number, length: number): Promise<Buffer> {
    if (!(position >= 0 && length >= 0 && position + length <= this.#size)) {
      throw new Error("an offset lies outside of the file");
    }
    const bytes = await readAt(this.#handle, this.#first + position, length);
    if (bytes.length < length) throw new Error("the file ended early");
    return bytes;
  }

  override read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (err: Error | null) => void,
  ): void {
    const from = position - this.#start;
    if (from >= 0 && from + length <= this.#window.length) {
      this.#window.copy(buffer, offset, from, from + length);
      callback(null);
    } else {
      this.#fill(position, length).then((window) => {
        window.copy(buffer, offset, 0, length);
        callback(null);
      }, callback);
    }
  }

  async #fill(position: number, length: number): Promise<Buffer> {
    const ahead = Math.max(length, Math.min(WINDOW, this.#size - position));
    this.#window = await this.bytes(position, ahead);
    this.#start = position;
    return this.#window;
  }

  override _readStreamForRange(start: number, end: number): Readable {
    return Readable.from(
      (async function* (reader: ZipFileReader) {
        yield await reader.bytes(start, end - start);
      })(this),
    );
  }
}
