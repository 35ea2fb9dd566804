import { rename, writeFile } from "node:fs/promises";
import { crc32, deflateRawSync } from "node:zlib";
import { strToU8, zipSync } from "fflate";
import { describe, expect, test } from "vitest";
import { createContainers } from "../../src/library/containers/containers.ts";
import { createDirectories, type Directories } from "../../src/library/zip-directories.ts";
import { isPage } from "../../src/library/zip-names.ts";
import { cbz, fileOf, type RawEntry, rawZip } from "./cbz.ts";
import { readZipEntry, zipEntries } from "./read-zip.ts";

const entry = (name: string, fields: Partial<RawEntry> = {}): RawEntry => ({
  name: Buffer.from(name),
  data: Buffer.from(`content of ${name}`),
  ...fields,
});

const broken = (reason: RegExp) =>
  expect.objectContaining({ code: "ARCHIVE_BROKEN", message: expect.stringMatching(reason) });

test("files are listed in order with their unpacked size, and read completely", async () => {
  const page = Buffer.alloc(300_000, "page");
  const file = await fileOf(cbz("a", { "pages/03.jpg": page, folder: {} }));
  expect(await zipEntries(file)).toEqual([
    { name: "ComicInfo.xml", size: 39 },
    { name: "pages/01.jpg", size: 15 },
    { name: "pages/02.PNG", size: 16 },
    { name: "pages/03.jpg", size: 300_000 },
  ]);
  expect(await readZipEntry(file, "pages/03.jpg", 300_000)).toEqual(page);
});

test("a missing entry and one beyond the limit have different errors", async () => {
  const file = await fileOf(cbz("a", { "big.jpg": Buffer.alloc(1001) }));
  await expect(readZipEntry(file, "none.jpg", 100)).rejects.toMatchObject({ code: "ENTRY_NOT_FOUND" });
  await expect(readZipEntry(file, "big.jpg", 1000)).rejects.toMatchObject({ code: "ENTRY_TOO_LARGE" });
  expect(await readZipEntry(file, "big.jpg", 1001)).toHaveLength(1001);
});

test("names that point outside the archive are neither listed nor read", async () => {
  const names = [
    "../up.txt",
    "a/../../up.txt",
    "/etc/passwd",
    "C:\\win.ini",
    "..\\up.txt",
    "nul\0.txt",
    "ok.txt",
  ];
  const file = await fileOf(rawZip(names.map((n) => entry(n))));
  expect((await zipEntries(file)).map((e) => e.name)).toEqual(["ok.txt"]);
  await expect(readZipEntry(file, "../up.txt", 1000)).rejects.toMatchObject({ code: "ENTRY_NOT_FOUND" });
});

test("of entries with the same name the first is used", async () => {
  const file = await fileOf(rawZip([entry("a.txt"), entry("a.txt", { data: Buffer.from("second") })]));
  expect(await zipEntries(file)).toHaveLength(1);
  expect((await readZipEntry(file, "a.txt", 1000)).toString()).toBe("content of a.txt");
});

test("backslashes are read as slashes, because some Windows programs write them", async () => {
  const file = await fileOf(rawZip([entry("pages\\01.jpg")]));
  expect((await readZipEntry(file, "pages/01.jpg", 1000)).toString()).toContain("01.jpg");
});

test("names are cp437 unless they are UTF-8, flagged or not", async () => {
  const names = [
    { name: Buffer.from([0x81, 0x2e, 0x6a, 0x70, 0x67]), data: Buffer.from("1") },
    { name: Buffer.from("日本.jpg"), data: Buffer.from("2") },
    { name: Buffer.from("漢字.jpg"), data: Buffer.from("3"), flags: 0x800 },
  ];
  const file = await fileOf(rawZip(names));
  expect((await zipEntries(file)).map((e) => e.name)).toEqual(["ü.jpg", "日本.jpg", "漢字.jpg"]);
  expect((await readZipEntry(file, "ü.jpg", 10)).toString()).toBe("1");
});

test.each([
  ["Shift-JIS, with 0x5C in characters", "835c815b8368945c97cd2f955c8e86", "ソード能力/表紙"],
  ["GBK", "b5dad2bbbbb02fb7e2c3e6", "第一话/封面"],
  ["EUC-KR", "c7d1b1b9beee2fc7a5c1f6", "한국어/표지"],
  ["cp437", "4f626c6978202020208220", "Oblix    é "],
])("names in %s are detected", async (_, hex, name) => {
  const raw = (n: number) => Buffer.concat([Buffer.from(hex, "hex"), Buffer.from(`${n}.jpg`)]);
  const file = await fileOf(
    rawZip([1, 2].map((n) => entry("", { name: raw(n), data: Buffer.from(`${n}`) }))),
  );
  expect((await zipEntries(file)).map((e) => e.name)).toEqual([`${name}1.jpg`, `${name}2.jpg`]);
  expect((await readZipEntry(file, `${name}2.jpg`, 10)).toString()).toBe("2");
});

test("a Unicode Path field names an entry whose other name is in a legacy encoding", async () => {
  const name = Buffer.from("955c8e862e6a7067", "hex");
  const unicode = Buffer.from("表紙.jpg");
  const extra = Buffer.alloc(9 + unicode.length);
  extra.writeUInt16LE(0x7075, 0);
  extra.writeUInt16LE(5 + unicode.length, 2);
  extra.writeUInt8(1, 4);
  extra.writeUInt32LE(crc32(name), 5);
  unicode.copy(extra, 9);
  const file = await fileOf(rawZip([entry("", { name, extra })]));
  expect((await zipEntries(file)).map((e) => e.name)).toEqual(["表紙.jpg"]);
});

test("an entry whose sizes are in a data descriptor is read", async () => {
  const file = await fileOf(rawZip([entry("a.jpg", { descriptor: true }), entry("b.jpg")]));
  expect((await readZipEntry(file, "a.jpg", 100)).toString()).toBe("content of a.jpg");
});

test("an entry whose sizes are in a zip64 field is read", async () => {
  const data = Buffer.from("sixty-four");
  const extra = Buffer.alloc(20);
  extra.writeUInt16LE(1, 0);
  extra.writeUInt16LE(16, 2);
  extra.writeBigUInt64LE(BigInt(data.length), 4);
  extra.writeBigUInt64LE(BigInt(data.length), 12);
  const sizes = { size: 0xffffffff, packedSize: 0xffffffff };
  const file = await fileOf(rawZip([entry("a.jpg", { data, extra, ...sizes })]));
  expect((await readZipEntry(file, "a.jpg", 100)).toString()).toBe("sixty-four");
});

test("a zip bomb that declares its size is rejected by that size", async () => {
  const file = await fileOf(zipSync({ "bomb.jpg": new Uint8Array(20_000_000) }));
  await expect(readZipEntry(file, "bomb.jpg", 1_000_000)).rejects.toMatchObject({ code: "ENTRY_TOO_LARGE" });
});

test("a zip bomb that declares a small size is stopped at that size", async () => {
  const data = deflateRawSync(Buffer.alloc(20_000_000));
  const file = await fileOf(rawZip([entry("bomb.jpg", { data, method: 8, size: 100 })]));
  await expect(readZipEntry(file, "bomb.jpg", 1_000_000)).rejects.toEqual(broken(/does not unpack/));
});

test("packed bytes far beyond the limit are not read for a small entry", async () => {
  const empty = Buffer.from([0, 0, 0, 0xff, 0xff]);
  const data = Buffer.concat([...Array.from({ length: 2_000 }, () => empty), Buffer.from([3, 0])]);
  const file = await fileOf(rawZip([entry("slow.jpg", { data, method: 8, size: 0, crc: 0 })]));
  await expect(readZipEntry(file, "slow.jpg", 100)).rejects.toMatchObject({ code: "ENTRY_TOO_LARGE" });
});

test("entries that share bytes are rejected", async () => {
  const file = await fileOf(rawZip([entry("a.jpg"), entry("b.jpg", { offset: 0 })]));
  await expect(zipEntries(file)).rejects.toEqual(broken(/overlap/));
});

test("too many entries are rejected, declared or not", async () => {
  const many = Array.from({ length: 20_001 }, (_, i) => entry(`${i}`, { data: Buffer.alloc(0) }));
  await expect(zipEntries(await fileOf(rawZip(many)))).rejects.toEqual(broken(/more than 20000/));
  const announced = await fileOf(rawZip([entry("a")], 60_000));
  await expect(zipEntries(announced)).rejects.toEqual(broken(/more than 20000/));
});

test("an encrypted entry is listed, and reading it fails with that reason", async () => {
  const file = await fileOf(rawZip([entry("a.jpg", { flags: 1, data: Buffer.alloc(20), size: 8 })]));
  expect(await zipEntries(file)).toHaveLength(1);
  await expect(readZipEntry(file, "a.jpg", 1000)).rejects.toMatchObject({
    code: "ARCHIVE_UNREADABLE",
    message: expect.stringContaining("it is encrypted"),
  });
});

test("an unknown compression method and a wrong checksum are reported as such", async () => {
  const file = await fileOf(rawZip([entry("a.jpg", { method: 14 }), entry("b.jpg", { crc: 7 })]));
  await expect(readZipEntry(file, "a.jpg", 1000)).rejects.toMatchObject({
    code: "ARCHIVE_UNREADABLE",
    message: expect.stringContaining("method 14"),
  });
  await expect(readZipEntry(file, "b.jpg", 1000)).rejects.toEqual(broken(/checksum/));
});

test.each([
  ["empty", Buffer.alloc(0)],
  ["text", Buffer.from("this is no zip")],
  ["cut off", cbz("a").subarray(0, 100)],
  ["its end alone", cbz("a").subarray(-22)],
])("a file that is %s is broken", async (_, bytes) => {
  await expect(zipEntries(await fileOf(bytes))).rejects.toMatchObject({ code: "ARCHIVE_BROKEN" });
});

describe("bytes around a zip", () => {
  const zip = cbz("a");
  const junk = (length: number) => Buffer.alloc(length, "junk ");
  const fakeEnd = Buffer.concat([Buffer.from("PK\x05\x06"), Buffer.alloc(18, 1)]);

  test.each([
    ["after it", [zip, junk(100)]],
    ["after it, more than a comment may have", [zip, junk(200_000)]],
    ["after it, as a file that was appended", [zip, junk(5_000_000)]],
    ["before it, as a self-extracting archive has them", [junk(70_000), zip]],
    ["on both sides", [junk(1000), zip, junk(1000)]],
    ["after it that look like another end", [zip, fakeEnd, junk(10)]],
    ["before it that are another zip", [cbz("other"), zip]],
  ])("%s are ignored", async (_, parts) => {
    const file = await fileOf(Buffer.concat(parts));
    expect((await zipEntries(file)).map((e) => e.name)).toEqual([
      "ComicInfo.xml",
      "pages/01.jpg",
      "pages/02.PNG",
    ]);
    expect((await readZipEntry(file, "pages/01.jpg", 100)).toString()).toBe("first page of a");
  });

  test("are ignored for a zip with a comment", async () => {
    const commented = Buffer.concat([zip, Buffer.from("a comment")]);
    commented.writeUInt16LE(9, zip.length - 2);
    for (const parts of [[commented], [junk(10), commented, junk(10)]])
      expect(await zipEntries(await fileOf(Buffer.concat(parts)))).toHaveLength(3);
  });

  test("are ignored for a zip64", async () => {
    const directory = zip.subarray(zip.readUInt32LE(zip.length - 6), zip.length - 22);
    const files = zip.subarray(0, zip.readUInt32LE(zip.length - 6));
    const end = Buffer.alloc(56);
    end.writeUInt32LE(0x06064b50, 0);
    end.writeBigUInt64LE(44n, 4);
    end.writeBigUInt64LE(3n, 24);
    end.writeBigUInt64LE(3n, 32);
    end.writeBigUInt64LE(BigInt(directory.length), 40);
    end.writeBigUInt64LE(BigInt(files.length), 48);
    const locator = Buffer.alloc(20);
    locator.writeUInt32LE(0x07064b50, 0);
    locator.writeBigUInt64LE(BigInt(files.length + directory.length), 8);
    locator.writeUInt32LE(1, 16);
    const last = Buffer.alloc(22, 0xff);
    last.writeUInt32LE(0x06054b50, 0);
    last.writeUInt32LE(0, 4);
    last.writeUInt16LE(0, 20);
    const zip64 = Buffer.concat([files, directory, end, locator, last]);
    for (const parts of [[zip64], [zip64, junk(10)], [junk(10), zip64], [junk(10), zip64, junk(10)]]) {
      const file = await fileOf(Buffer.concat(parts));
      expect((await readZipEntry(file, "pages/01.jpg", 100)).toString()).toBe("first page of a");
    }
  });
});

test("an error shows no path of the server", async () => {
  const file = `${await fileOf(cbz("a"))}.gone`;
  const error = await createContainers()
    .entries(file)
    .catch((e: Error) => e);
  expect(error).toEqual(broken(/gone/));
  expect((error as Error).message).not.toContain("/");
});

test("a folder whose name begins with an ellipsis is not hidden", () => {
  expect(["...and then/1.jpg", ".hidden/1.jpg", "a/._1.jpg"].filter(isPage)).toEqual(["...and then/1.jpg"]);
});

test("pages are images, except the metadata files that macOS adds", () => {
  const names = ["1.JPG", "a/2.jpeg", "3.webp", "4.avif", "__MACOSX/1.jpg", "notes.txt", "jpg"];
  expect(names.filter(isPage)).toEqual(["1.JPG", "a/2.jpeg", "3.webp", "4.avif"]);
});

describe("the cache of central directories", () => {
  const pages = (count: number) =>
    cbz("many", Object.fromEntries(Array.from({ length: count }, (_, i) => [`${i}.jpg`, strToU8(`${i}`)])));

  /** The cache of central directories, with a count of reads. */
  const counted = (maxHeld?: number) => {
    const kept = createDirectories(maxHeld);
    const counts = { read: 0 };
    const directories: Directories = (stats, read) =>
      kept(stats, () => {
        counts.read++;
        return read();
      });
    return { counts, directories };
  };

  test("reads a directory once for many entries, also concurrently", async () => {
    const { counts, directories } = counted();
    const file = await fileOf(pages(20));
    const names = Array.from({ length: 20 }, (_, i) => `${i}.jpg`);
    const bytes = await Promise.all(names.map((name) => readZipEntry(file, name, 10, directories)));
    expect(bytes.map(String)).toEqual(names.map((name) => name.replace(".jpg", "")));
    expect(await zipEntries(file, directories)).toHaveLength(23);
    expect(counts.read).toBe(1);
  });

  test("reads the directory of a replaced or rewritten file again", async () => {
    const { counts, directories } = counted();
    const file = await fileOf(pages(1));
    expect(await zipEntries(file, directories)).toHaveLength(4);
    await writeFile(file, pages(2));
    expect(await zipEntries(file, directories)).toHaveLength(5);
    await rename(await fileOf(pages(3)), file);
    expect(await zipEntries(file, directories)).toHaveLength(6);
    expect(counts.read).toBe(3);
  });

  test("holds no more entries than allowed, and evicts the least recently used", async () => {
    const { counts, directories } = counted(20);
    const [a, b, c] = await Promise.all([fileOf(pages(1)), fileOf(pages(2)), fileOf(pages(10))]);
    for (const file of [a, b, a, c, a]) await zipEntries(file, directories);
    expect(counts.read).toBe(3);
    await zipEntries(b, directories);
    expect(counts.read).toBe(4);
  });

  test("retries a directory that could not be read", async () => {
    const { counts, directories } = counted();
    const file = await fileOf(rawZip([entry("a"), entry("b", { offset: 0 })]));
    for (const _ of [1, 2]) await expect(zipEntries(file, directories)).rejects.toEqual(broken(/overlap/));
    expect(counts.read).toBe(2);
  });
});
