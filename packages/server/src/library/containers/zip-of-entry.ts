import { type ByteSource, ONLY_NAME, type PackedEntry } from "./reader-protocol.ts";

/** The version that reads every method (APPNOTE 6.3.10 §4.4.3). */
const VERSION = 63;
/** Flags of how the bytes are packed: those of the encryption, of sizes that follow, and of the name's encoding are left out. */
const METHOD_FLAGS = 0x06;

const u16 = (...values: number[]): Buffer => {
  const bytes = Buffer.alloc(2 * values.length);
  for (const [n, value] of values.entries()) bytes.writeUInt16LE(value, 2 * n);
  return bytes;
};
const u32 = (...values: number[]): Buffer => {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [n, value] of values.entries()) bytes.writeUInt32LE(value, 4 * n);
  return bytes;
};

/** A zip of one entry of another one (APPNOTE 6.3.10 §4.3.7, §4.3.12, §4.3.16). Its packed bytes are read where they are. */
export const zipOfEntry = (source: ByteSource, entry: PackedEntry): ByteSource => {
  const { position, packedSize, size, crc32, method, flags } = entry;
  const name = Buffer.from(ONLY_NAME);
  const common = [
    u16(VERSION, flags & METHOD_FLAGS, method, 0, 0),
    u32(crc32, packedSize, size),
    u16(name.length, 0),
  ];
  const before = Buffer.concat([u32(0x04034b50), ...common, name]);
  const directory = [u32(0x02014b50), u16(VERSION), ...common, u16(0, 0, 0), u32(0, 0), name];
  const directoryBytes = directory.reduce((sum, { length }) => sum + length, 0);
  const end = [u32(0x06054b50), u16(0, 0, 1, 1), u32(directoryBytes, before.length + packedSize), u16(0)];
  const after = Buffer.concat([...directory, ...end]);

  const parts: readonly [size: number, read: (into: Uint8Array, from: number) => number][] = [
    [before.length, (into, from) => before.copy(into, 0, from)],
    [packedSize, (into, from) => source.read(into, position + from)],
    [after.length, (into, from) => after.copy(into, 0, from)],
  ];
  return {
    size: before.length + packedSize + after.length,
    read: (into, from) => {
      let done = 0;
      let start = 0;
      for (const [length, read] of parts) {
        const at = from + done - start;
        if (at >= 0 && at < length && done < into.length)
          done += read(into.subarray(done, done + Math.min(into.length - done, length - at)), at);
        start += length;
      }
      return done;
    },
  };
};
