import path from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { isArchiveName, numberedName, safeFilename, whyRenamed } from "../../src/library/filename.ts";
import { processorTime } from "../support/processor-time.ts";

test.each([
  ["../../etc/passwd.zip", "passwd.zip"],
  ["C:\\Users\\me\\Comic.CBZ", "Comic.CBZ"],
  ["[圈] 題名 ä.cbz", "[圈] 題名 ä.cbz"],
  ["a\u0000b\nc\u202egpj.zip", "abcgpj.zip"],
  ['who? "me" <you>|*.zip', "who me you.zip"],
  ["CON.zip", "_CON.zip"],
  ["com1.tar.zip", "_com1.tar.zip"],
  ["...hidden.zip", "hidden.zip"],
  ["name. .zip", "name.zip"],
  [".zip", "archive.zip"],
  ["???.cbz", "archive.cbz"],
  ["?.tar.gz", "archive.tar.gz"],
  ["AC\\DC.cbz", "AC_DC.cbz"],
  ["..\\up.cbz", "up.cbz"],
  ["\\\\nas\\comics\\a.cbz", "a.cbz"],
  ['it\'s "it".cbz', "it's it.cbz"],
  ["two\r\nlines.cbz", "twolines.cbz"],
  ["", "archive"],
  ["..", "archive"],
])("%j becomes %j", (given, safe) => {
  expect(safeFilename(given)).toBe(safe);
});

test("a long name is cut between characters and keeps its extension", () => {
  const name = safeFilename(`${"漢".repeat(200)}.cbz`);
  expect(Buffer.byteLength(name)).toBeLessThanOrEqual(240);
  expect(name).toMatch(/^漢+\.cbz$/);
});

test("a long run of dots and spaces takes no longer than any other name", () => {
  // A server names a download in a header of up to 64 KB.
  const names = { dotted: `a${". ".repeat(30_000)}b.zip`, plain: `a${"bc".repeat(30_000)}b.zip` };
  // Many times, because one takes less than can be measured.
  const timeOf = (name: string): number =>
    processorTime(() => {
      for (let n = 0; n < 20; n++) safeFilename(name);
    });
  expect(safeFilename(names.dotted)).toMatch(/^a\. \. .*\.zip$/);
  // A cost that grows with the square of the length is thousands of times that of the plain name.
  expect(timeOf(names.dotted) / timeOf(names.plain)).toBeLessThan(100);
});

test("a result stays in the folder, is not hidden, and does not change when sanitized again", () => {
  const anyName = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.string({ unit: fc.constantFrom(..."./\\:a\0 ~") }),
  );
  fc.assert(
    fc.property(anyName, fc.constantFrom("", ".zip", ".cbz"), (stem, ext) => {
      const name = safeFilename(stem + ext);
      expect(name).not.toMatch(/[/\\\0]|^\./);
      expect(path.join("/library", name)).toBe(`/library/${name}`);
      expect(Buffer.byteLength(name)).toBeLessThanOrEqual(250);
      expect(safeFilename(name)).toBe(name);
    }),
    { numRuns: 2_000, seed: 3 },
  );
});

test("a name already in use gets a number before its extension", () => {
  expect([1, 2, 3].map((n) => numberedName("a.b.zip", n))).toEqual(["a.b.zip", "a.b (2).zip", "a.b (3).zip"]);
  expect(numberedName("a.tar.gz", 2)).toBe("a (2).tar.gz");
});

test.each([
  ["a.cbz", "a.cbz", undefined],
  ["folder/a.cbz", "a.cbz", undefined],
  ["C:\\comics\\a.cbz", "a.cbz", undefined],
  ["cafe\u0301.cbz", "caf\u00e9.cbz", undefined],
  ["a.cbz", "a (2).cbz", "taken"],
  ["???.cbz", "archive.cbz", "unsafe"],
  ["a?.cbz", "a (3).cbz", "unsafe"],
  ["CON.zip", "_CON.zip", "unsafe"],
])("%j that is stored as %j was renamed because it is %s", (sent, stored, code) => {
  expect(whyRenamed(sent, stored)?.code).toBe(code);
});

test("archives are recognized by their extension in any case", () => {
  const names = ["a.ZIP", "b.cbz", "c.rar", "d.tar.GZ", "e.Pdf", "h.tar.lzma", "i.XZ", "j.zst", "k.cbw"];
  expect([...names, "zip", ".cbz", "f.gz", "g.txt"].filter(isArchiveName)).toEqual(names);
});
