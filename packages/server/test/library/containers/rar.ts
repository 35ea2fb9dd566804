import { crc32 } from "node:zlib";

/** A file of an archive by its name. */
export type Files = Readonly<Record<string, Uint8Array>>;

const u16 = (value: number): Buffer => {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
};
const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value >>> 0);
  return bytes;
};

/** A number in groups of seven bits, the lowest first. */
const vint = (value: number): Buffer => {
  const bytes: number[] = [];
  let rest = value;
  do {
    bytes.push((rest % 128) | (rest >= 128 ? 128 : 0));
    rest = Math.floor(rest / 128);
  } while (rest > 0);
  return Buffer.from(bytes);
};

/** False values for the headers of a file. */
export interface Claims {
  /** The size when unpacked. */
  size?: number;
  crc?: number;
  isEncrypted?: boolean;
}

/** A block of RAR 4: a checksum, type, flags, size and fields. */
const block4 = (type: number, flags: number, ...fields: Buffer[]): Buffer => {
  const rest = Buffer.concat(fields);
  const head = Buffer.concat([Buffer.from([type]), u16(flags), u16(rest.length + 7), rest]);
  return Buffer.concat([u16(crc32(head) & 0xffff), head]);
};

/** A RAR 4 archive of stored files, by the format description of RAR 4 (technote.txt of RAR 4.20). */
export const rar4 = (files: Files, claims: Claims = {}): Buffer => {
  const parts = Object.entries(files).map(([name, data]) => {
    const path = Buffer.from(name.replaceAll("/", "\\"), "latin1");
    const sizes = [u32(data.length), u32(claims.size ?? data.length)];
    const unix = Buffer.from([3]);
    const stored = Buffer.from([29, 0x30]);
    const fields = [...sizes, unix, u32(claims.crc ?? crc32(data)), u32(0x5a210000), stored];
    const flags = 0x8000 | (claims.isEncrypted ? 0x0004 : 0);
    const head = block4(0x74, flags, ...fields, u16(path.length), u32(0o100644), path);
    return Buffer.concat([head, data]);
  });
  return Buffer.concat([
    Buffer.from("Rar!\x1a\x07\x00", "latin1"),
    block4(0x73, 0, u16(0), u32(0)),
    ...parts,
    block4(0x7b, 0x4000),
  ]);
};

const block5 = (...fields: Buffer[]): Buffer => {
  const rest = Buffer.concat(fields);
  const head = Buffer.concat([vint(rest.length), rest]);
  return Buffer.concat([u32(crc32(head)), head]);
};

/** A RAR 5 archive of stored files, by "RAR 5.0 archive format" (rarlab.com/technote.htm). */
export const rar5 = (files: Files, claims: Claims = {}): Buffer => {
  const parts = Object.entries(files).map(([name, data]) => {
    const path = Buffer.from(name);
    const area = [vint(2), vint(2), vint(data.length)];
    const file = [vint(4), vint(claims.size ?? data.length), vint(0o100644), u32(claims.crc ?? crc32(data))];
    const head = block5(...area, ...file, vint(0), vint(1), vint(path.length), path);
    return Buffer.concat([head, data]);
  });
  return Buffer.concat([
    Buffer.from("Rar!\x1a\x07\x01\x00", "latin1"),
    block5(vint(1), vint(0), vint(0)),
    ...parts,
    block5(vint(5), vint(0), vint(0)),
  ]);
};
