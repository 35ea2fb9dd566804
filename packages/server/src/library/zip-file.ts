import type { FileHandle } from "node:fs/promises";
import { Readable } from "node:stream";
import { RandomAccessReader } from "yauzl";

/** Bytes read ahead, so that most central directories take one read. */
const WINDOW = 64 * 1024;

/** Random access to an open zip file. Offsets come from the file and may be hostile, so each is checked against its size. */
export class ZipFileReader extends RandomAccessReader {
  readonly #handle: FileHandle;
  readonly #size: number;
  #window: Buffer = Buffer.alloc(0);
  #start = 0;

  constructor(handle: FileHandle, size: number) {
    super();
    this.#handle = handle;
    this.#size = size;
  }

  /** Exactly `length` bytes from `position`. */
  async bytes(position: number, length: number): Promise<Buffer> {
    if (!(position >= 0 && length >= 0 && position + length <= this.#size)) {
      throw new Error("an offset lies outside of the file");
    }
    const buffer = Buffer.allocUnsafe(length);
    let filled = 0;
    while (filled < length) {
      const { bytesRead } = await this.#handle.read(buffer, filled, length - filled, position + filled);
      if (bytesRead === 0) throw new Error("the file ended early");
      filled += bytesRead;
    }
    return buffer;
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
