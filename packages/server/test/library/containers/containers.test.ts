import { writeFile } from "node:fs/promises";
import { loadImage } from "@napi-rs/canvas";
import { afterAll, describe, expect, test } from "vitest";
import { createContainers } from "../../../src/library/containers/containers.ts";
import { fileOf } from "../cbz.ts";
import { rar4, rar5 } from "./rar.ts";
import { pdf, samples, sevenZip, tar } from "./samples.ts";

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
