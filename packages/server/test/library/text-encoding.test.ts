import { expect, test } from "vitest";
import { decodeText } from "../../src/library/text-encoding.ts";

/** `<Title>表紙の題名</Title>` in Shift-JIS, between tags, as a ComicInfo.xml has it. */
const SHIFT_JIS = Buffer.concat([
  Buffer.from("<ComicInfo><Title>"),
  Buffer.from("955c8e8682cc91e896bc82b182ea82cd969f89e682c582b7", "hex"),
  Buffer.from("</Title></ComicInfo>"),
]);
const declared = (encoding: string, body: Buffer): Buffer =>
  Buffer.concat([Buffer.from(`<?xml version="1.0" encoding="${encoding}"?>\n`), body]);
const latin1 = (text: string) => Buffer.from(text, "latin1");

test.each([
  ["UTF-8", Buffer.from("ö漫"), "ö漫"],
  ["UTF-8 with a mark", Buffer.from("\ufeffö漫"), "ö漫"],
  ["UTF-16 with a mark", Buffer.from("\ufeffö漫", "utf16le"), "ö漫"],
  ["big-endian UTF-16 with a mark", Buffer.from("\ufeffö漫", "utf16le").swap16(), "ö漫"],
  ["UTF-16 without a mark", Buffer.from("<a>漫</a>", "utf16le"), "<a>漫</a>"],
  ["big-endian UTF-16 without a mark", Buffer.from("<a>漫</a>", "utf16le").swap16(), "<a>漫</a>"],
  ["nothing", Buffer.alloc(0), ""],
])("text in %s is read", async (_, bytes, text) => {
  expect(await decodeText(bytes)).toBe(text);
});

test.each([
  ["ISO-8859-1", latin1("Caf\xe9"), "Café"],
  ["windows-1252", latin1("It\x92s \x80 1"), "It’s € 1"],
  ["Shift_JIS", Buffer.from("955c8e86", "hex"), "表紙"],
  ["windows-1251", latin1("\xcf\xf0\xe8\xe2\xe5\xf2"), "Привет"],
  // .NET writes this declaration into UTF-8 files.
  ["utf-16", Buffer.from("漫画"), "漫画"],
  // Declared as UTF-8, and not.
  ["utf-8", latin1("<Title>Un caf\xe9 au lait</Title>"), "<Title>Un café au lait</Title>"],
  ["no-such-encoding", Buffer.from("漫画"), "漫画"],
])("text that declares %s is read", async (encoding, body, text) => {
  const read = await decodeText(declared(encoding, body));
  expect(read?.split("\n")[1]).toBe(text);
});

test("an encoding that is not declared is detected", async () => {
  expect(await decodeText(SHIFT_JIS)).toBe("<ComicInfo><Title>表紙の題名これは漫画です</Title></ComicInfo>");
  expect(await decodeText(latin1("<Summary>Un caf\xe9 au lait, s'il vous pla\xeet</Summary>"))).toBe(
    "<Summary>Un café au lait, s'il vous plaît</Summary>",
  );
});

test("bytes that are no text give none", async () => {
  for (const bytes of [
    Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16, 0x4a, 0x46, 0x49, 0x46]),
    Buffer.from([0xff, 0xfe, 0x00, 0xd8]),
  ])
    expect(await decodeText(bytes)).toBeUndefined();
});
