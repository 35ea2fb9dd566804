import { writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { cbz } from "./cbz.ts";
import { rar4, rar5 } from "./containers/rar.ts";
import { pdf, samples, sevenZip } from "./containers/samples.ts";
import { sha1, upload } from "./library-contract.ts";
import { openLibrary } from "./open-library.ts";

const files = {
  "ComicInfo.xml": Buffer.from("<ComicInfo/>"),
  "01.jpg": Buffer.from("first page"),
  "02.jpg": Buffer.from("second page"),
};

/** A tar of one page, by xz's program for the older format. */
const tarLzma = Buffer.from(
  "XQAAgAD//////////wAYi4nHsZv8N7IntK3kgWP5Qk8hxlpFYebColqdXfRhy2SWjyrCKdn0pL76d5IGl56O7SzfFLHx0pTltMqf81UxXmhIbQmQB6OsUSR8mV/gjUodlN37RKyj/HH///vlhAA=",
  "base64",
);

test("a scan takes in archives of every format, with LANraragi's ids and the pages", async () => {
  const { library, folder } = await openLibrary();
  const contents: Record<string, Buffer> = {
    "a.cbr": rar5(files),
    "b.rar": rar4(files),
    "c.cb7": await samples["7z"](files),
    "d.cbt": await samples.tar(files),
    "e.tar.gz": await samples["tar.gz"](files),
    "f.epub": cbz("f"),
    "g.pdf": pdf("#ff0000", "#00ff00"),
    "h.xz": await samples["tar.xz"](files),
    "i.lzma": tarLzma,
    "a rar.cbz": rar4({ ...files, "03.jpg": Buffer.from("third") }),
  };
  for (const [name, bytes] of Object.entries(contents)) await writeFile(path.join(folder, name), bytes);
  const { added, skipped } = await library.sync();
  expect(skipped).toEqual([]);
  const found = added.map(({ file, id, pages }) => [file, id, pages]).sort();
  const expected = Object.entries(contents).map(([name, bytes]) => [
    name,
    sha1(bytes),
    name === "a rar.cbz" ? 3 : name === "i.lzma" ? 1 : 2,
  ]);
  expect(found).toEqual(expected.sort());
  expect(added.find(({ file }) => file === "e.tar.gz")?.title).toBe("e");
  expect((await library.read(sha1(rar5(files)), "02.jpg", 100)).toString()).toBe("second page");
  expect((await library.read(sha1(tarLzma), "1.jpg", 100)).toString()).toBe("page");
  await library.close();
});

test("an archive that cannot be read here is in the library, with its id and no pages", async () => {
  const { library, folder } = await openLibrary();
  const bytes = await sevenZip(files, "-t7z", "-psecret", "-mhe=on");
  await writeFile(path.join(folder, "secret.cb7"), bytes);
  const { added } = await library.sync();
  expect(added).toMatchObject([{ id: sha1(bytes), file: "secret.cb7", pages: 0 }]);
  await expect(library.entries(sha1(bytes))).rejects.toMatchObject({ code: "ARCHIVE_UNREADABLE" });
  await library.close();
});

test("a list of pages on other servers, as LANraragi takes it, is in the library too, and says why it has no pages", async () => {
  const { library, folder } = await openLibrary();
  const bytes = Buffer.from('\ufeff<?xml version="1.0"?>\n<!-- by me -->\n<WebComic><Images/></WebComic>');
  await writeFile(path.join(folder, "web.cbw"), bytes);
  expect((await library.sync()).added).toMatchObject([{ id: sha1(bytes), file: "web.cbw", pages: 0 }]);
  expect(await library.problems()).toMatchObject([
    { file: "web.cbw", kind: "unreadable", reason: expect.stringContaining("on other servers") },
  ]);
  const other = library.add(upload("other.cbw", Buffer.from("<?xml version='1.0'?><Comic/>")));
  await expect(other).rejects.toMatchObject({ code: "ARCHIVE_BROKEN" });
  await library.close();
});

test("uploads of every format are taken in, by their content", async () => {
  const { library } = await openLibrary();
  expect(await library.add(upload("one.cbr", rar5(files)))).toMatchObject({ file: "one.cbr", pages: 2 });
  expect(await library.add(upload("two.zip", rar4(files)))).toMatchObject({ file: "two.zip", pages: 2 });
  const page = library.add(upload("three.cbr", Buffer.from("<!doctype html>")));
  await expect(page).rejects.toMatchObject({
    code: "ARCHIVE_BROKEN",
    message: expect.stringContaining("a web page"),
  });
  await library.close();
});
