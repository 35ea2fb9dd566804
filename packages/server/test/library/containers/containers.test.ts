import { writeFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import { loadImage } from "@napi-rs/canvas";
import { afterAll, describe, expect, test } from "vitest";
import { createContainers } from "../../../src/library/containers/containers.ts";
import { fileOf } from "../cbz.ts";
import { rar4, rar5 } from "./rar.ts";
import { pdf, samples, sevenZip, tar, tarEntry } from "./samples.ts";

const containers = createContainers();
afterAll(() => containers.close());

const page = Buffer.alloc(100_000, "a page that repeats itself ");
const files = {
  "ComicInfo.xml": Buffer.from("<ComicInfo/>"),
  "pages/01.jpg": page,
  "pages/02 [x] @*.PNG": Buffer.from("second page"),
  "pages/10.jpg": Buffer.alloc(0),
};
const junk = {
  "pages/Thumbs.db": Buffer.from("x"),
  "pages/._01.jpg": Buffer.from("x"),
  "__MACOSX/pages/01.jpg": Buffer.from("x"),
  ".hidden/1.jpg": Buffer.from("x"),
};

/** What each format promises; see Containers. */
describe.each(Object.entries(samples))("a %s", (_, make) => {
  // The ending says nothing.
  const write = async (content = files) => fileOf(await make(content), "comic.cbz");

  test("lists its files with their sizes", async () => {
    const entries = await containers.entries(await write());
    const expected = Object.entries(files).map(([name, { length }]) => ({ name, size: length }));
    expect(entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))).toEqual(expected);
  });

  test("gives each file's bytes", async () => {
    const file = await write();
    for (const [name, bytes] of Object.entries(files))
      expect((await containers.read(file, name, 200_000)).equals(bytes)).toBe(true);
  });

  test("does not list what systems leave behind", async () => {
    const entries = await containers.entries(await write({ ...files, ...junk }));
    expect(entries.map(({ name }) => name).sort()).toEqual(Object.keys(files));
  });

  test("tells a missing file from one beyond the limit", async () => {
    const file = await write();
    const missing = containers.read(file, "pages/03.jpg", 1000);
    await expect(missing).rejects.toMatchObject({ code: "ENTRY_NOT_FOUND" });
    const large = containers.read(file, "pages/01.jpg", 1000);
    await expect(large).rejects.toMatchObject({ code: "ENTRY_TOO_LARGE" });
    expect(await containers.read(file, "pages/01.jpg", page.length)).toHaveLength(page.length);
  });

  test("that was replaced is read again", async () => {
    const file = await write();
    expect(await containers.entries(file)).toHaveLength(4);
    await writeFile(file, await make({ "other.jpg": page }));
    expect(await containers.entries(file)).toEqual([{ name: "other.jpg", size: page.length }]);
  });

  test("that is cut off in its first bytes is broken", async () => {
    const bytes = await make(files);
    const file = await fileOf(bytes.subarray(0, 40));
    await expect(containers.entries(file)).rejects.toMatchObject({ code: "ARCHIVE_BROKEN" });
  });
});

describe("a PDF", () => {
  test("lists its pages, and draws them as images", async () => {
    const file = await fileOf(pdf("#ff0000", "#0000ff"), "book.cbz");
    expect(await containers.entries(file)).toEqual([
      { name: "1.jpg", size: 0 },
      { name: "2.jpg", size: 0 },
    ]);
    const image = await loadImage(await containers.read(file, "2.jpg", 1_000_000));
    expect([image.width, image.height]).toEqual([200, 400]);
    await expect(containers.read(file, "3.jpg", 1000)).rejects.toMatchObject({ code: "ENTRY_NOT_FOUND" });
    await expect(containers.read(file, "1.jpg", 10)).rejects.toMatchObject({ code: "ENTRY_TOO_LARGE" });
  });

  test("is told from a zip after other bytes that name one", async () => {
    const junk = Buffer.from("made from %PDF-1.4 ");
    const zip = await fileOf(Buffer.concat([junk, await samples.zip(files), Buffer.alloc(400_000, "x")]));
    expect(await containers.entries(zip)).toHaveLength(4);
    expect(await containers.read(zip, "pages/01.jpg", page.length)).toHaveLength(page.length);
    const later = await fileOf(Buffer.concat([Buffer.alloc(100, "\n"), pdf("#ff0000")]));
    expect(await containers.entries(later)).toEqual([{ name: "1.jpg", size: 0 }]);
  });

  test("that is damaged is broken", async () => {
    const file = await fileOf(pdf("#ff0000").subarray(0, 100));
    await expect(containers.entries(file)).rejects.toMatchObject({ code: "ARCHIVE_BROKEN" });
  });
});

test("names that lead out of the archive are neither listed nor read", async () => {
  const names = { "../up.jpg": page, "/etc/passwd": page, "ok.jpg": page };
  for (const bytes of [rar5(names), tar(names)]) {
    const file = await fileOf(bytes);
    expect((await containers.entries(file)).map(({ name }) => name)).toEqual(["ok.jpg"]);
    await expect(containers.read(file, "../up.jpg", 1000)).rejects.toMatchObject({ code: "ENTRY_NOT_FOUND" });
  }
});

test("names in other scripts are read", async () => {
  const named = { "第一話/表紙.jpg": page };
  for (const bytes of [rar5(named), await sevenZip(named, "-t7z"), tar(named)]) {
    const file = await fileOf(bytes);
    expect(await containers.entries(file)).toEqual([{ name: "第一話/表紙.jpg", size: page.length }]);
    expect(await containers.read(file, "第一話/表紙.jpg", page.length)).toHaveLength(page.length);
  }
});

test.each(["LZMA", "Deflate64", "BZip2", "PPMd"])(
  "a zip by %s with names in an old encoding, and other bytes around it, is read",
  async (method) => {
    // In Shift-JIS, `表` and `ソ` have the byte 0x5C.
    const names = { "XX/AA.jpg": "題/表.jpg", "XX/BB.jpg": "題/ソ.jpg" };
    const encoded = { XX: "91e8", AA: "955c", BB: "835c" };
    const packed = await sevenZip(
      Object.fromEntries(Object.keys(names).map((name) => [name, Buffer.from(`${name} `.repeat(500))])),
      ...["-tzip", `-mm=${method}`],
    );
    const bytes = Object.entries(encoded).reduce(
      (hex, [name, shiftJis]) => hex.replaceAll(Buffer.from(name).toString("hex"), shiftJis),
      packed.toString("hex"),
    );
    const around = Buffer.alloc(100, "\n");
    const archive = await fileOf(Buffer.concat([around, Buffer.from(bytes, "hex"), around]));
    const shown = await containers.entries(archive);
    expect(shown.map(({ name }) => name).sort()).toEqual(Object.values(names).sort());
    for (const [written, name] of Object.entries(names))
      expect((await containers.read(archive, name, 10_000)).toString()).toBe(`${written} `.repeat(500));
    await expect(containers.read(archive, "題/表.jpg", 100)).rejects.toMatchObject({
      code: "ENTRY_TOO_LARGE",
    });
  },
);

describe("a tar", () => {
  const end = Buffer.alloc(1024);
  const file = (...entries: Buffer[]) => fileOf(Buffer.concat([...entries, end]), "comic.cbt");
  const namesIn = async (archive: string) => (await containers.entries(archive)).map(({ name }) => name);
  /** `第01話/表紙.jpg` and `第01話/ソ.jpg` in Shift-JIS; the second name has a byte 0x5C in a character. */
  const shiftJis = ["91e6303198622f955c8e862e6a7067", "91e6303198622f835c2e6a7067"].map((hex) =>
    Buffer.from(hex, "hex"),
  );

  test.each([
    ["packed no further", (bytes: Buffer) => bytes],
    ["in a gzip", (bytes: Buffer) => gzipSync(bytes)],
  ])("%s shows names in an old encoding as text, and gives their bytes", async (_, pack) => {
    const entries = shiftJis.map((name, n) => tarEntry(name, Buffer.from(`page ${n}`)));
    const archive = await fileOf(pack(Buffer.concat([...entries, end])), "comic.cbt");
    expect(await namesIn(archive)).toEqual(["第01話/表紙.jpg", "第01話/ソ.jpg"]);
    expect((await containers.read(archive, "第01話/ソ.jpg", 100)).toString()).toBe("page 1");
    await expect(containers.read(archive, "第01話/ソ.jpg", 2)).rejects.toMatchObject({
      code: "ENTRY_TOO_LARGE",
      params: { name: "第01話/ソ.jpg" },
    });
    await expect(containers.read(archive, "第01話/ン.jpg", 100)).rejects.toMatchObject({
      code: "ENTRY_NOT_FOUND",
    });
  });

  test("takes names in other encodings as Western, and leaves those in UTF-8 as they are", async () => {
    const archive = await file(
      tarEntry(Buffer.from("caf\xe9.jpg", "latin1"), page),
      tarEntry(Buffer.from("表紙.jpg"), page),
    );
    expect(await namesIn(archive)).toEqual(["café.jpg", "表紙.jpg"]);
    expect(await containers.read(archive, "café.jpg", page.length)).toHaveLength(page.length);
  });

  test("has long names in a prefix, in GNU's and in POSIX' records", async () => {
    const long = `${"folder/".repeat(30)}1.jpg`;
    /** A record of 100 to 999 bytes: its length counts itself. */
    const record = (text: string) => Buffer.from(`${text.length + 5} ${text}\n`);
    const archive = await file(
      tarEntry(Buffer.from("1.jpg"), page, "File", "a prefix"),
      tarEntry(Buffer.from("././@LongLink"), Buffer.from(`${long}\0`), "NextFileHasLongPath"),
      tarEntry(Buffer.from("cut off"), page),
      tarEntry(Buffer.from("all"), record(`comment=${"of all files".padEnd(100)}`), "GlobalExtendedHeader"),
      tarEntry(Buffer.from("x"), record(`path=pax ${"y".repeat(120)}.jpg`), "ExtendedHeader"),
      tarEntry(Buffer.from("cut off"), Buffer.from("last")),
    );
    expect(await namesIn(archive)).toEqual(["a prefix/1.jpg", long, `pax ${"y".repeat(120)}.jpg`]);
    expect((await containers.read(archive, `pax ${"y".repeat(120)}.jpg`, 9)).toString()).toBe("last");
  });

  test("made in a folder has names without its dot, and neither folders, links nor devices", async () => {
    const none = Buffer.alloc(0);
    const archive = await file(
      tarEntry(Buffer.from("./"), none, "Directory"),
      tarEntry(Buffer.from("./1.jpg"), page),
      tarEntry(Buffer.from("./2.jpg"), none, "SymbolicLink"),
      tarEntry(Buffer.from("./3.jpg"), none, "Link"),
      tarEntry(Buffer.from("./4.jpg"), none, "CharacterDevice"),
    );
    expect(await containers.entries(archive)).toEqual([{ name: "1.jpg", size: page.length }]);
    expect(await containers.read(archive, "1.jpg", page.length)).toHaveLength(page.length);
  });

  test("that is damaged further on has the files before that place", async () => {
    const whole = tarEntry(Buffer.from("1.jpg"), page);
    const damaged = await fileOf(Buffer.concat([whole, Buffer.alloc(2048, 1)]));
    expect(await namesIn(damaged)).toEqual(["1.jpg"]);
    const cut = await fileOf(whole.subarray(0, 5000));
    expect(await namesIn(cut)).toEqual(["1.jpg"]);
    await expect(containers.read(cut, "1.jpg", page.length)).rejects.toMatchObject({
      code: "ARCHIVE_BROKEN",
    });
  });

  /** A header with a size in base 256, as GNU writes it. */
  const withSize = (size: string): Buffer => {
    const block = tarEntry(Buffer.from("2.jpg"), Buffer.alloc(0));
    Buffer.from(size, "hex").copy(block, 124);
    block.fill(" ", 148, 156);
    const sum = block.reduce((all, byte) => all + byte, 0);
    block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
    return block;
  };

  test.each([
    ["a size beyond every number", withSize("80000000007fffffffffffff")],
    ["a size that is no number", withSize("c00000000000000000000000")],
    ["a record without a length", tarEntry(Buffer.from("x"), Buffer.from("0 path=a"), "ExtendedHeader")],
    ["a record that has no end", tarEntry(Buffer.from("x"), Buffer.from("path=a"), "ExtendedHeader")],
  ])("with %s has the files before that place", async (_, header) => {
    const last = tarEntry(Buffer.from("3.jpg"), page);
    expect(await namesIn(await file(tarEntry(Buffer.from("1.jpg"), page), header, last))).toEqual(["1.jpg"]);
    await expect(containers.entries(await file(header))).rejects.toMatchObject({ code: "ARCHIVE_BROKEN" });
  });
});

test.each([
  ["an encrypted rar", async () => rar4(files, { isEncrypted: true })],
  ["an encrypted 7z", () => sevenZip(files, "-t7z", "-psecret")],
])("%s is listed, and reading it says that it is encrypted", async (_, make) => {
  const file = await fileOf(await make());
  expect(await containers.entries(file)).toHaveLength(4);
  await expect(containers.read(file, "ComicInfo.xml", 1000)).rejects.toMatchObject({
    code: "ARCHIVE_UNREADABLE",
    message: expect.stringContaining("encrypted"),
  });
});

test.each([
  ["names alone", ["-mx=0"]],
  ["packed names", ["-mx=9", "-m0=lzma2:d=256m"]],
])("a 7z whose names are encrypted cannot be read here, and that is its one cause: %s", async (_, more) => {
  const file = await fileOf(await sevenZip(files, "-t7z", "-psecret", "-mhe=on", ...more));
  await expect(containers.entries(file)).rejects.toMatchObject({
    code: "ARCHIVE_UNREADABLE",
    message: "The archive cannot be read by this server: it is encrypted",
  });
});

test("a wrong checksum is broken", async () => {
  for (const bytes of [rar4(files, { crc: 7 }), rar5(files, { crc: 7 })]) {
    const read = containers.read(await fileOf(bytes), "ComicInfo.xml", 1000);
    await expect(read).rejects.toMatchObject({ code: "ARCHIVE_BROKEN" });
  }
});

test.each([
  ["", "an empty file"],
  ["<!DOCTYPE html><html>", "a web page (HTML)"],
  ["\n<html lang='en'>", "a web page (HTML)"],
  ['{"error": "not found"}', "a JSON file"],
  ["\xff\xd8\xff\xe0\0\x10JFIF", "a JPEG image"],
  ["\0".repeat(5000), "a file of zeros"],
  ["just text\r\n", "a text file"],
  ["\x01\x02\x03\x04", "a file of an unknown type"],
  ["MZ\x90\0", "a program"],
])("%j is named as %s", async (content, description) => {
  const file = await fileOf(Buffer.from(content, "latin1"));
  await expect(containers.entries(file)).rejects.toMatchObject({
    code: "ARCHIVE_BROKEN",
    message: expect.stringContaining(`it is ${description}`),
  });
});
