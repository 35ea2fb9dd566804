import { writeFile } from "node:fs/promises";
import path from "node:path";
import { crc32 } from "node:zlib";
import { strToU8, type Zippable, zipSync } from "fflate";
import { tempFolder } from "../support/temp-folder.ts";

/** A fixed date for every entry: the current date would give the same archive other bytes two seconds later. */
const mtime = new Date(2026, 0, 1);

/** A small archive of two pages and a ComicInfo.xml; its bytes depend on the seed only. */
export const cbz = (seed: string, extra: Zippable = {}): Buffer =>
  Buffer.from(
    zipSync(
      {
        "ComicInfo.xml": strToU8(`<ComicInfo><Title>${seed}</Title></ComicInfo>`),
        "pages/01.jpg": strToU8(`first page of ${seed}`),
        "pages/02.PNG": strToU8(`second page of ${seed}`),
        ...extra,
      },
      { mtime },
    ),
  );

/** Writes bytes to a temporary file, which is deleted when the test ends. */
export const fileOf = async (bytes: Uint8Array, name = "archive.zip"): Promise<string> => {
  const file = path.join(await tempFolder(), name);
  await writeFile(file, bytes);
  return file;
};

/** One entry for {@link rawZip}; omitted fields are written correctly. */
export interface RawEntry {
  name: Buffer;
  data: Buffer;
  /** False values for the central directory. */
  size?: number;
  packedSize?: number;
  crc?: number;
  flags?: number;
  method?: number;
  /** Offset of the local header, if not the entry's own. */
  offset?: number;
  extra?: Buffer;
  /** Whether the local header leaves the sizes to a data descriptor. */
  descriptor?: boolean;
}

/** Builds a zip field by field (APPNOTE 6.3.10 §4.3), so that any field can be false. Data is stored as given. */
export const rawZip = (entries: RawEntry[], count = entries.length): Buffer => {
  const locals: Buffer[] = [];
  const centrals: Buffer[] = [];
  let offset = 0;
  for (const entry of entries) {
    const local = localPart(entry);
    centrals.push(centralPart(entry, entry.offset ?? offset));
    locals.push(local);
    offset += local.length;
  }
  const directory = Buffer.concat(centrals);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(Math.min(count, 0xffff), 8);
  end.writeUInt16LE(Math.min(count, 0xffff), 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, directory, end]);
};

const localPart = (entry: RawEntry): Buffer => {
  const header = Buffer.alloc(30);
  header.writeUInt32LE(0x04034b50, 0);
  header.writeUInt16LE(20, 4);
  header.writeUInt16LE((entry.flags ?? 0) | (entry.descriptor ? 8 : 0), 6);
  header.writeUInt16LE(entry.method ?? 0, 8);
  if (!entry.descriptor) {
    header.writeUInt32LE(entry.crc ?? crc32(entry.data), 14);
    header.writeUInt32LE(entry.packedSize ?? entry.data.length, 18);
    header.writeUInt32LE(entry.size ?? entry.data.length, 22);
  }
  header.writeUInt16LE(entry.name.length, 26);
  const descriptor = Buffer.alloc(entry.descriptor ? 16 : 0);
  if (entry.descriptor) {
    descriptor.writeUInt32LE(0x08074b50, 0);
    descriptor.writeUInt32LE(entry.crc ?? crc32(entry.data), 4);
    descriptor.writeUInt32LE(entry.data.length, 8);
    descriptor.writeUInt32LE(entry.size ?? entry.data.length, 12);
  }
  return Buffer.concat([header, entry.name, entry.data, descriptor]);
};

const centralPart = (entry: RawEntry, offset: number): Buffer => {
  const header = Buffer.alloc(46);
  header.writeUInt32LE(0x02014b50, 0);
  header.writeUInt16LE(20, 4);
  header.writeUInt16LE(20, 6);
  header.writeUInt16LE((entry.flags ?? 0) | (entry.descriptor ? 8 : 0), 8);
  header.writeUInt16LE(entry.method ?? 0, 10);
  header.writeUInt32LE(entry.crc ?? crc32(entry.data), 16);
  header.writeUInt32LE(entry.packedSize ?? entry.data.length, 20);
  header.writeUInt32LE(entry.size ?? entry.data.length, 24);
  header.writeUInt16LE(entry.name.length, 28);
  header.writeUInt16LE(entry.extra?.length ?? 0, 30);
  header.writeUInt32LE(offset, 42);
  return Buffer.concat([header, entry.name, entry.extra ?? Buffer.alloc(0)]);
};
