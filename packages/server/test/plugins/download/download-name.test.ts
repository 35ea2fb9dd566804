import { expect, test } from "vitest";
import { downloadName } from "../../../src/plugins/download/download-name.ts";

const urls = (...texts: string[]) => texts.map((text) => new URL(text));

test.each([
  ['attachment; filename="a b.cbz"', ["https://x.org/get"], "a b.cbz"],
  ["attachment; filename*=UTF-8''%E9%A1%8C.zip", ["https://x.org/other.zip"], "題.zip"],
  // Header bytes as undici gives them, one character each.
  [
    `attachment; filename="${Buffer.from("題").toString("latin1")}.zip"`,
    ["https://x.org/other.zip"],
    "題.zip",
  ],
  ['attachment; filename="\xe9.zip"', ["https://x.org/other.zip"], "é.zip"],
  [undefined, ["https://x.org/d/%E9%A1%8C%20x.cbz?k=1"], "題 x.cbz"],
  ['attachment; filename="blob"', ["https://cdn.org/8f3", "https://x.org/real.cbz"], "real.cbz"],
  ["attachment; filename=%%%;;;=", ["https://x.org/a.zip"], "a.zip"],
  [undefined, ["https://x.org/8f3", "https://x.org/"], "8f3.zip"],
  ['attachment; filename="blob"', ["https://x.org/book.rar"], "book.rar"],
  ['attachment; filename="notes.txt"', ["https://x.org/book.cbz"], "book.cbz"],
  ['attachment; filename="book.pdf"', ["https://x.org/book.cbz"], "book.pdf"],
  [undefined, ["https://x.org/%zz"], "%zz.zip"],
  [undefined, ["https://x.org/"], "download.zip"],
])("%s and %j give %s", (header, addresses, name) => {
  expect(downloadName(header, urls(...addresses))).toBe(name);
});
