import { crc32 } from "node:zlib";

/** One file of a zip: its name and its bytes. */
export type ZipEntry = readonly [name: string, bytes: Uint8Array];

/** 1980-01-01, so that the same files give the same bytes. */
const DATE = 0x21;
/** Names are UTF-8 (APPNOTE 4.4.4, bit 11). */
const FLAGS = 0x800;

const record = (size: number, write: (view: DataView) => void, ...rest: Uint8Array[]): Uint8Array[] => {
  const bytes = new Uint8Array(size);
  write(new DataView(bytes.buffer));
  return [bytes, ...rest];
};

/** The fields that both headers of an entry have, from an offset on (APPNOTE 4.3.7, 4.3.12). */
const writeCommon = (view: DataView, at: number, name: Uint8Array, bytes: Uint8Array): void => {
  view.setUint16(at, 20, true);
  view.setUint16(at + 2, FLAGS, true);
  view.setUint16(at + 8, DATE, true);
  view.setUint32(at + 10, crc32(bytes), true);
  view.setUint32(at + 14, bytes.length, true);
  view.setUint32(at + 18, bytes.length, true);
  view.setUint16(at + 22, name.length, true);
};

const sizeOf = (parts: readonly Uint8Array[]): number => parts.reduce((sum, part) => sum + part.length, 0);

/** A zip of uncompressed files: the same files give the same bytes. */
export const zipOf = (entries: readonly ZipEntry[]): Uint8Array => {
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let offset = 0;
  for (const [text, bytes] of entries) {
    const name = new TextEncoder().encode(text);
    const start = offset;
    const local = record(
      30,
      (view) => {
        view.setUint32(0, 0x04034b50, true);
        writeCommon(view, 4, name, bytes);
      },
      name,
      bytes,
    );
    parts.push(...local);
    offset += sizeOf(local);
    directory.push(
      ...record(
        46,
        (view) => {
          view.setUint32(0, 0x02014b50, true);
          view.setUint16(4, 20, true);
          writeCommon(view, 6, name, bytes);
          view.setUint32(42, start, true);
        },
        name,
      ),
    );
  }
  const end = record(22, (view) => {
    view.setUint32(0, 0x06054b50, true);
    view.setUint16(8, entries.length, true);
    view.setUint16(10, entries.length, true);
    view.setUint32(12, sizeOf(directory), true);
    view.setUint32(16, offset, true);
  });
  return Buffer.concat([...parts, ...directory, ...end]);
};
