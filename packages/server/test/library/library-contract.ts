import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { expect, test } from "vitest";
import type { Library, Upload } from "../../src/library/types.ts";
import { cbz } from "./cbz.ts";

/** A library that a contract test may fill, and its largest allowed upload. */
export interface LibraryUnderTest {
  library: Library;
  maxUploadBytes: number;
}

/** An upload of these bytes, arriving in pieces. */
export const upload = (filename: string, bytes: Buffer, more: Partial<Upload> = {}): Upload => {
  const pieces = [bytes.subarray(0, 10), bytes.subarray(10, 100), bytes.subarray(100)];
  return { filename, stream: Readable.from(pieces.filter((p) => p.length > 0)), ...more };
};

export const sha1 = (bytes: Buffer): string => createHash("sha1").update(bytes).digest("hex");

/**
 * The tests that every library driver passes. Each driver's test file calls this with a real library.
 * @param setup returns an empty library; called once per test
 */
export const libraryContract = (name: string, setup: () => Promise<LibraryUnderTest>): void => {
  const file = cbz("one");

  test(`${name}: an upload is found by LANraragi's id, with its title, tags and summary`, async () => {
    const { library } = await setup();
    const tags = "artist:someone, source:example";
    const added = await library.add(upload("One.cbz", file, { title: "First", tags, summary: "short" }));
    expect(added).toMatchObject({ id: sha1(file), title: "First", tags, summary: "short", pages: 2 });
    expect(await library.get(added.id)).toEqual(added);
    expect(await library.list()).toEqual([added]);
    expect(await library.count()).toBe(1);
    expect(await library.missing()).toEqual(new Set());
    expect(added.size).toBe(file.length);
  });

  test(`${name}: the id depends on the first 512,000 bytes alone`, async () => {
    const { library } = await setup();
    const big = cbz("big", { "large.jpg": [Buffer.alloc(600_000, "large"), { level: 0 }] });
    const { id } = await library.add(upload("big.zip", big));
    expect(id).toBe(sha1(big.subarray(0, 512_000)));
  });

  test(`${name}: without a title the filename is the title`, async () => {
    const { library } = await setup();
    expect((await library.add(upload("[Circle] 題名.v2.cbz", file))).title).toBe("[Circle] 題名.v2");
  });

  test(`${name}: entries are listed and read`, async () => {
    const { library } = await setup();
    const { id } = await library.add(upload("one.cbz", file));
    expect((await library.entries(id)).map((e) => e.name)).toEqual([
      "ComicInfo.xml",
      "pages/01.jpg",
      "pages/02.PNG",
    ]);
    expect((await library.read(id, "pages/01.jpg", 1000)).toString()).toBe("first page of one");
    await expect(library.read(id, "none", 1000)).rejects.toMatchObject({ code: "ENTRY_NOT_FOUND" });
    await expect(library.read(id, "pages/01.jpg", 3)).rejects.toMatchObject({ code: "ENTRY_TOO_LARGE" });
  });

  test(`${name}: a rejected upload gives its reason and leaves nothing`, async () => {
    const { library, maxUploadBytes } = await setup();
    const refusals: [Upload, object][] = [
      [upload("one.exe", file), { code: "ARCHIVE_TYPE_UNSUPPORTED" }],
      [upload("one.cbz", file, { checksum: "0".repeat(40) }), { code: "ARCHIVE_CHECKSUM" }],
      [upload("one.cbz", file.subarray(0, 60)), { code: "ARCHIVE_BROKEN" }],
      [upload("one.cbz", Buffer.alloc(maxUploadBytes + 1)), { code: "PAYLOAD_TOO_LARGE" }],
    ];
    for (const [refused, error] of refusals) {
      await expect(library.add(refused)).rejects.toMatchObject(error);
    }
    expect(await library.list()).toEqual([]);
    const right = upload("one.cbz", file, { checksum: sha1(file).toUpperCase() });
    expect(await library.add(right)).toMatchObject({ id: sha1(file) });
  });

  test(`${name}: the same content is rejected with the existing id`, async () => {
    const { library } = await setup();
    const { id } = await library.add(upload("one.cbz", file));
    const again = library.add(upload("other name.cbz", file));
    await expect(again).rejects.toMatchObject({ code: "ARCHIVE_EXISTS", params: { id } });
    expect(await library.count()).toBe(1);
  });

  test(`${name}: of concurrent uploads of the same content one succeeds`, async () => {
    const { library } = await setup();
    const tries = Array.from({ length: 8 }, () => library.add(upload("one.cbz", file)));
    const outcomes = await Promise.allSettled(tries);
    expect(outcomes.filter((o) => o.status === "fulfilled")).toHaveLength(1);
    for (const outcome of outcomes) {
      if (outcome.status === "rejected") {
        expect(["ARCHIVE_EXISTS", "ARCHIVE_BUSY"]).toContain(outcome.reason.code);
      }
    }
    expect(await library.count()).toBe(1);
    expect((await library.entries(sha1(file))).length).toBe(3);
  });

  test(`${name}: archives with the same filename are all kept`, async () => {
    const { library } = await setup();
    const files = ["a", "b", "c"].map((seed) => cbz(seed));
    const added = await Promise.all(files.map((bytes) => library.add(upload("same.cbz", bytes))));
    expect(new Set(added.map((a) => a.file)).size).toBe(3);
    expect(new Set(added.map((a) => a.title))).toEqual(new Set(["same"]));
    for (const [i, seed] of ["a", "b", "c"].entries()) {
      const page = await library.read(added[i]?.id ?? "", "pages/01.jpg", 1000);
      expect(page.toString()).toBe(`first page of ${seed}`);
    }
  });

  test(`${name}: metadata is changed field by field`, async () => {
    const { library } = await setup();
    const { id } = await library.add(upload("one.cbz", file, { tags: "a" }));
    expect(await library.update(id, { title: "New" })).toMatchObject({ title: "New", tags: "a" });
    expect(await library.update(id, { tags: "" })).toMatchObject({ title: "New", tags: "" });
    expect(await library.get(id)).toMatchObject({ title: "New", tags: "", summary: "" });
  });

  test(`${name}: tags are stored trimmed and without duplicates, and an empty title keeps the old one`, async () => {
    const { library } = await setup();
    const { id, tags } = await library.add(upload("one.cbz", file, { title: "Old", tags: " a:b,, c ,A:B," }));
    expect(tags).toBe("a:b, c");
    expect(await library.update(id, { tags: "a:b,,  c d ,a:b", title: "" })).toMatchObject({
      title: "Old",
      tags: "a:b, c d",
    });
    expect(await library.update(id, { title: "  " })).toMatchObject({ title: "Old" });
    expect(await library.update(id, { title: " New " })).toMatchObject({ title: "New", tags: "a:b, c d" });
  });

  test(`${name}: a deleted archive no longer exists, and can be uploaded again`, async () => {
    const { library } = await setup();
    const { id } = await library.add(upload("one.cbz", file));
    expect(await library.delete(id)).toMatchObject({ id });
    expect(await library.count()).toBe(0);
    expect(await library.add(upload("one.cbz", file))).toMatchObject({ id });
  });

  test(`${name}: every call reports an unknown id`, async () => {
    const { library } = await setup();
    const id = "0".repeat(40);
    const calls = [
      library.get(id),
      library.update(id, { title: "x" }),
      library.delete(id),
      library.entries(id),
      library.read(id, "a", 1),
    ];
    for (const outcome of await Promise.allSettled(calls)) {
      expect(outcome).toMatchObject({ reason: { code: "ARCHIVE_NOT_FOUND", params: { id } } });
    }
  });

  test(`${name}: search finds archives with all words in title, tags or filename, ignoring case`, async () => {
    const { library } = await setup();
    await library.add(upload("alpha.cbz", cbz("1"), { title: "Winter Tale", tags: "artist:Anna" }));
    await library.add(upload("beta.cbz", cbz("2"), { title: "Summer Tale", tags: "artist:Bert" }));
    const titles = async (text: string, limit = 10) =>
      (await library.search(text, limit)).map((a) => a.title).sort();
    expect(await titles("tale")).toEqual(["Summer Tale", "Winter Tale"]);
    expect(await titles("TALE anna")).toEqual(["Winter Tale"]);
    expect(await titles("beta")).toEqual(["Summer Tale"]);
    expect(await titles("tale nobody")).toEqual([]);
    expect(await titles("tale", 1)).toHaveLength(1);
  });

  test(`${name}: a category holds archives in their order, each once`, async () => {
    const { library } = await setup();
    const { categories } = library;
    const one = await library.add(upload("one.cbz", cbz("1")));
    const two = await library.add(upload("two.cbz", cbz("2")));
    const id = await categories.create({ name: "棚 & more", search: "", pinned: true });
    expect(id).toMatch(/^SET_\d{10}$/);
    expect(await categories.add(id, two.id)).toBe(true);
    expect(await categories.add(id, one.id)).toBe(true);
    expect(await categories.add(id, two.id)).toBe(false);
    const expected = { id, name: "棚 & more", search: "", pinned: true, archives: [two.id, one.id] };
    expect(await categories.get(id)).toEqual(expected);
    expect(await categories.list()).toEqual([expected]);
    expect(await categories.remove(id, two.id)).toBe(true);
    expect(await categories.remove(id, two.id)).toBe(false);
    expect(await categories.get(id)).toMatchObject({ archives: [one.id] });
    await library.delete(one.id);
    expect(await categories.get(id)).toMatchObject({ archives: [] });
  });

  test(`${name}: categories that are made at once get their own ids, and are changed and removed`, async () => {
    const { categories } = (await setup()).library;
    const ids = await Promise.all(
      ["a", "b", "c"].map((name) => categories.create({ name, search: "", pinned: false })),
    );
    expect(new Set(ids).size).toBe(3);
    const [first = "", second = ""] = ids;
    await categories.update(first, { name: "renamed", pinned: true });
    expect(await categories.get(first)).toMatchObject({ name: "renamed", pinned: true, search: "" });
    await categories.delete(second);
    expect((await categories.list()).map(({ name }) => name).sort()).toEqual(["c", "renamed"]);
  });

  test(`${name}: a dynamic category takes no archives`, async () => {
    const { library } = await setup();
    const { categories } = library;
    const { id: archive } = await library.add(upload("one.cbz", file));
    const id = await categories.create({ name: "searched", search: "artist:a", pinned: false });
    expect(await categories.get(id)).toMatchObject({ search: "artist:a", archives: [] });
    await expect(categories.add(id, archive)).rejects.toMatchObject({ code: "CATEGORY_DYNAMIC" });
    await expect(categories.remove(id, archive)).rejects.toMatchObject({ code: "CATEGORY_DYNAMIC" });
    await expect(categories.linkBookmark(id)).rejects.toMatchObject({ code: "BOOKMARK_DYNAMIC" });
  });

  test(`${name}: every call of categories reports an unknown id`, async () => {
    const { library } = await setup();
    const { categories } = library;
    const { id: archive } = await library.add(upload("one.cbz", file));
    const id = "SET_0000000001";
    const calls = [
      categories.get(id),
      categories.update(id, { name: "x" }),
      categories.delete(id),
      categories.add(id, archive),
      categories.remove(id, archive),
    ];
    for (const outcome of await Promise.allSettled(calls)) {
      expect(outcome).toMatchObject({ reason: { code: "CATEGORY_NOT_FOUND", params: { id } } });
    }
    await expect(categories.linkBookmark(id)).rejects.toMatchObject({ code: "BOOKMARK_NOT_FOUND" });
    const known = await categories.create({ name: "a", search: "", pinned: false });
    const missing = categories.add(known, "0".repeat(40));
    await expect(missing).rejects.toMatchObject({ code: "ARCHIVE_NOT_FOUND" });
  });

  test(`${name}: one static category is linked to the bookmark button`, async () => {
    const { categories } = (await setup()).library;
    expect(await categories.bookmark()).toBeUndefined();
    const first = await categories.create({ name: "a", search: "", pinned: false });
    const second = await categories.create({ name: "b", search: "", pinned: false });
    await categories.linkBookmark(first);
    await categories.linkBookmark(second);
    expect(await categories.bookmark()).toBe(second);
    expect(await categories.unlinkBookmark()).toBe(second);
    expect(await categories.bookmark()).toBeUndefined();
    await categories.linkBookmark(first);
    await categories.delete(first);
    expect(await categories.bookmark()).toBeUndefined();
  });

  test(`${name}: texts are stored composed, and found however the searched text is composed`, async () => {
    const { library } = await setup();
    const given = { title: "Cafe\u0301", tags: "artist:A\u030angstro\u0308m", summary: "re\u0301sume\u0301" };
    const { id } = await library.add(upload("alpha.cbz", cbz("1"), given));
    const stored = { title: "Café", tags: "artist:Ångström", summary: "résumé" };
    expect(await library.get(id)).toMatchObject(stored);
    expect(await library.update(id, { title: "Cafe\u0301 2", tags: given.tags })).toMatchObject({
      title: "Café 2",
    });
    for (const text of ["CAFÉ", "cafe\u0301", "ångström", "A\u030aNGSTRO\u0308M"])
      expect(await library.search(text, 10)).toHaveLength(1);
  });
};
