import { expect, test } from "vitest";
import { selectArchives } from "../../src/library/select.ts";
import type { ArchiveSelection } from "../../src/library/types.ts";
import type { ArchiveRecord } from "../../src/store/types.ts";

const archive = (id: string, file: string, more: Partial<ArchiveRecord> = {}): ArchiveRecord => ({
  ...{ id: id.padEnd(40, "0"), file, title: file, tags: "", summary: "", size: 1, pages: 1, added: 1 },
  ...more,
});

const shelf = [
  archive("abcd1", "night/Chapter 10.cbz", { tags: "artist:Ann, language:english", pages: 30, added: 3 }),
  archive("abcd2", "night/Chapter 2.cbz", { tags: "artist:Bo, date_added:5", size: 9, added: 2 }),
  archive("beef1", "day/Chapter 2.cbz", { tags: "date_added:7, source:x.org/1", title: "Évening", added: 1 }),
  archive("dead1", "abcd", { title: "abcd" }),
];

const files = async (selection: ArchiveSelection): Promise<string[]> =>
  (await selectArchives(shelf, selection)).items.map(({ file }) => file);

test.each<[string, ArchiveSelection, string[]]>([
  ["words of the title, the tags and the path", { q: "NIGHT ann" }, ["night/Chapter 10.cbz"]],
  ["a text in another composition", { q: "e\u0301vening" }, ["day/Chapter 2.cbz"]],
  ["a tag, whole", { tag: "ARTIST:ann" }, ["night/Chapter 10.cbz"]],
  ["no part of a tag", { tag: "artist:a" }, []],
  ["a namespace", { tag: "artist:" }, ["night/Chapter 10.cbz", "night/Chapter 2.cbz"]],
  ["all of several tags", { tag: "artist:,language:english" }, ["night/Chapter 10.cbz"]],
  ["those without tags of people", { untagged: true }, ["day/Chapter 2.cbz", "abcd"]],
  ["those with tags", { untagged: false }, ["night/Chapter 10.cbz", "night/Chapter 2.cbz"]],
  ["a folder and what is below it", { folder: "/Night/" }, ["night/Chapter 10.cbz", "night/Chapter 2.cbz"]],
  ["no folder by the beginning of its name", { folder: "nig" }, []],
  ["some ids", { among: new Set(["beef1".padEnd(40, "0")]) }, ["day/Chapter 2.cbz"]],
  ["all, newest last", {}, shelf.map(({ file }) => file)],
])("selects %s", async (_, selection, found) => {
  expect(await files(selection)).toEqual(found);
});

test("sorts as people do, in both directions", async () => {
  const chapters = { q: "chapter" };
  const byName = ["day/Chapter 2.cbz", "night/Chapter 2.cbz", "night/Chapter 10.cbz"];
  expect(await files({ ...chapters, sort: "file" })).toEqual(byName);
  expect(await files({ ...chapters, sort: "file", order: "desc" })).toEqual(byName.toReversed());
  expect((await files({ sort: "pages", order: "desc" }))[0]).toBe("night/Chapter 10.cbz");
  expect((await files({ sort: "size", order: "desc" }))[0]).toBe("night/Chapter 2.cbz");
  expect(await files({ ...chapters, sort: "added" })).toEqual([
    "day/Chapter 2.cbz",
    "night/Chapter 2.cbz",
    "night/Chapter 10.cbz",
  ]);
  expect((await files({ ...chapters, sort: "title" }))[0]).toBe("day/Chapter 2.cbz");
});

test.each<[string, string, string[]]>([
  ["an id", "beef1".padEnd(40, "0"), ["day/Chapter 2.cbz"]],
  ["the beginning of an id, in any case", "BEEF", ["day/Chapter 2.cbz"]],
  ["too short a beginning", "bee", []],
  ["a beginning that several have", "abcd0", []],
  ["a path", "day/Chapter 2.cbz", ["day/Chapter 2.cbz"]],
  ["a path in another case", "DAY/chapter 2.cbz", ["day/Chapter 2.cbz"]],
  ["a file name that several have", "Chapter 2.cbz", ["night/Chapter 2.cbz", "day/Chapter 2.cbz"]],
  ["a name that begins other ids", "abcd", ["abcd"]],
  ["several ids", "ABCD", ["night/Chapter 10.cbz", "night/Chapter 2.cbz", "abcd"]],
])("finds what is named by %s", async (_, ref, found) => {
  expect(await files({ ref })).toEqual(found);
});

test("a page is a part of a selection, with the number of all", async () => {
  const byName = await files({ sort: "file" });
  const { total, items } = await selectArchives(shelf, { sort: "file" }, 1, 2);
  expect(total).toBe(4);
  expect(items.map(({ file }) => file)).toEqual(byName.slice(1, 3));
});

test("a tag with characters that it loses before it is compared is found", async () => {
  const odd = archive("fade1", "odd.cbz", { tags: "art\ufffdist:\u0001Ann" });
  expect((await selectArchives([odd], { tag: "artist:ann" })).items).toEqual([odd]);
});
