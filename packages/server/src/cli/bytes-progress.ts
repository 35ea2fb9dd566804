import { Transform } from "node:stream";
import type { Io } from "./io.ts";

/** Milliseconds between two numbers shown. */
const EVERY = 200;

const units = ["bytes", "kB", "MB", "GB", "TB"];

/** A size for people, such as `4.2 MB`. */
export const sizeText = (bytes: number): string => {
  const power = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), units.length - 1);
  const number = bytes / 1000 ** power;
  return `${number.toFixed(power === 0 || number >= 100 ? 0 : 1)} ${units[power]}`;
};

/**
 * Passes bytes on, and shows in a terminal how many there were. The line is gone when they end.
 * @param total how many there will be, where that is known
 */
export const bytesProgress = (io: Io, what: string, total?: number): Transform => {
  const shown = io.stderr.isTTY === true;
  let bytes = 0;
  let next = 0;
  const of = total === undefined ? "" : ` of ${sizeText(total)}`;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (shown && performance.now() >= next) {
        next = performance.now() + EVERY;
        io.stderr.write(`\r${what} ${sizeText(bytes)}${of}\u001b[K`);
      }
      done(null, chunk);
    },
    final(done) {
      if (shown) io.stderr.write("\r\u001b[K");
      done();
    },
  });
};
