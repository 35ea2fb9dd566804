import { mkdir, rename, rm, symlink, utimes, writeFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { cbz } from "./cbz.ts";
import { sha1, upload } from "./library-contract.ts";
import { openLibrary } from "./open-library.ts";

const nothing = {
  ...{ added: [], moved: [], replaced: [], missing: [], skipped: [], unsettled: [] },
  folders: expect.any(Array),
};

test("the archives of an existing folder are added, including those in subfolders", async () => {
  const { library, folder } = await openLibrary();
  await mkdir(path.join(folder, "series/vol 1"), { recursive: true });
  await writeFile(path.join(folder, "top.zip"), cbz("top"));
  await writeFile(path.join(folder, "series/vol 1/題.cbz"), cbz("deep"));
  await writeFile(path.join(folder, "notes.txt"), "no archive");
  const { added } = await library.sync();
  expect(added.map((a) => [a.file, a.title, a.pages]).sort()).toEqual([
    ["series/vol 1/題.cbz", "題", 2],
    ["top.zip", "top", 2],
  ]);
  expect((await library.read(sha1(cbz("deep")), "pages/01.jpg", 100)).toString()).toContain("deep");
  expect(await library.sync()).toEqual(nothing);
});

test("hidden files, partial files and links are ignored", async () => {
  const { library, folder } = await openLibrary();
  await writeFile(path.join(folder, ".hidden.zip"), cbz("a"));
  await writeFile(path.join(folder, "a.zip.part"), cbz("b"));
  await mkdir(path.join(folder, ".trash"));
  await writeFile(path.join(folder, ".trash/c.zip"), cbz("c"));
  await symlink("/", path.join(folder, "root"));
  await symlink("/etc/hostname", path.join(folder, "link.zip"));
  expect(await library.sync()).toEqual(nothing);
});

test("a broken file and a duplicate are reported, and the other files are added", async () => {
  const { library, folder } = await openLibrary();
  await writeFile(path.join(folder, "a.zip"), "no zip");
  await writeFile(path.join(folder, "b.zip"), cbz("b"));
  await writeFile(path.join(folder, "b copy.zip"), cbz("b"));
  await writeFile(path.join(folder, "c.zip"), cbz("c"));
  const { added, skipped } = await library.sync();
  expect(added).toHaveLength(2);
  expect(skipped.map((s) => s.reason).sort()).toEqual([
    expect.stringMatching(/^The archive cannot be read/),
    expect.stringMatching(/^it is the same as b( copy)?\.zip$/),
  ]);
});

test("a moved file keeps its metadata", async () => {
  const { library, folder } = await openLibrary();
  const { id } = await library.add(upload("old.cbz", cbz("a"), { tags: "kept" }));
  await mkdir(path.join(folder, "sub"));
  await rename(path.join(folder, "old.cbz"), path.join(folder, "sub/new.cbz"));
  expect(await library.sync()).toEqual({ ...nothing, moved: [{ id, from: "old.cbz", to: "sub/new.cbz" }] });
  expect(await library.get(id)).toMatchObject({ file: "sub/new.cbz", tags: "kept" });
  expect(await library.entries(id)).toHaveLength(3);
});

test("a missing file is reported, and its record remains", async () => {
  const { library, folder } = await openLibrary();
  const record = await library.add(upload("a.cbz", cbz("a"), { tags: "kept" }));
  await rm(path.join(folder, "a.cbz"));
  expect(await library.sync()).toEqual({ ...nothing, missing: [record] });
  expect(await library.get(record.id)).toEqual(record);
});

test("when a file is replaced, its metadata moves to the new id", async () => {
  const { library, folder } = await openLibrary();
  const { id } = await library.add(upload("a.cbz", cbz("a"), { title: "Kept", tags: "kept" }));
  const other = cbz("quite another one");
  await writeFile(path.join(folder, "a.cbz"), other);
  expect((await library.sync()).replaced).toEqual([{ from: id, to: sha1(other), file: "a.cbz" }]);
  expect(await library.list()).toEqual([
    expect.objectContaining({ id: sha1(other), title: "Kept", tags: "kept", size: other.length }),
  ]);
});

test("a file that changed only after its first 512,000 bytes keeps its id and metadata", async () => {
  const { library, folder } = await openLibrary();
  const grown = (pages: number) =>
    cbz("a", {
      "large.jpg": [Buffer.alloc(600_000, "x"), { level: 0 }],
      ...Object.fromEntries(Array.from({ length: pages }, (_, i) => [`more/${i}.jpg`, Buffer.from(`${i}`)])),
    });
  const { id } = await library.add(upload("a.cbz", grown(0), { tags: "kept" }));
  await writeFile(path.join(folder, "a.cbz"), grown(5));
  await library.sync();
  expect(await library.list()).toEqual([
    expect.objectContaining({ id, tags: "kept", pages: 8, size: grown(5).length }),
  ]);
});

test("an abandoned partial upload is removed, and one that another server is receiving is kept", async () => {
  const { library, folder } = await openLibrary();
  await mkdir(path.join(folder, ".incoming"));
  const [left, arriving] = [path.join(folder, ".incoming/left"), path.join(folder, ".incoming/arriving")];
  await writeFile(left, "half");
  await writeFile(arriving, "half");
  await utimes(left, new Date(), new Date(Date.now() - 3_700_000));
  await utimes(arriving, new Date(), new Date(Date.now() - 3_000_000));
  await library.sync();
  await expect(rm(left)).rejects.toMatchObject({ code: "ENOENT" });
  await rm(arriving);
});

test("an archive that another operation has locked is left for the next sync and not reported", async () => {
  const { library, folder, store } = await openLibrary();
  await writeFile(path.join(folder, "a.cbz"), cbz("a"));
  const lock = await store.locks.tryAcquire(`archive:${sha1(cbz("a"))}`);
  expect(await library.sync()).toEqual({ ...nothing, unsettled: ["a.cbz"] });
  await lock?.release();
  expect((await library.sync()).added.map(({ file }) => file)).toEqual(["a.cbz"]);
});

test("a new archive is announced before it is added", async () => {
  const { library, folder } = await openLibrary();
  await writeFile(path.join(folder, "a.cbz"), cbz("a"));
  const before: [string, number][] = [];
  const arriving = async (id: string) => void before.push([id, await library.count()]);
  await library.sync({ arriving });
  await writeFile(path.join(folder, "a.cbz"), cbz("another"));
  await library.sync({ arriving });
  expect(before).toEqual([[sha1(cbz("a")), 0]]);
});

describe("a file with the name and size of its record", () => {
  /** Another archive of the same size. */
  const [first, second] = [cbz("a"), cbz("b")];
  /** Overwrites the file in place. @param modified when, in epoch seconds */
  const overwrite = async (file: string, bytes: Buffer, modified: number) => {
    await writeFile(file, bytes);
    await utimes(file, modified, modified);
  };

  test.each([
    ["before this server runs", true],
    ["while it runs", false],
  ])("and another content is found when it was added %s", async (_, isScanned) => {
    const { library, folder } = await openLibrary();
    const file = path.join(folder, "a.cbz");
    if (isScanned) await writeFile(file, first);
    else await library.add(upload("a.cbz", first));
    await library.sync();
    await library.update(sha1(first), { tags: "kept" });
    // Also a time before that of the record, as a copy keeps it.
    await overwrite(file, second, 1_600_000_000);
    expect(await library.problems()).toMatchObject([{ file: "a.cbz", kind: "waiting", id: sha1(first) }]);
    expect((await library.sync()).replaced).toEqual([{ from: sha1(first), to: sha1(second), file: "a.cbz" }]);
    expect(await library.list()).toMatchObject([{ id: sha1(second), tags: "kept", modified: 1.6e12 }]);
    expect(await library.problems()).toEqual([]);
    expect(await library.sync()).toEqual(nothing);
  });

  test("that became no archive is a problem", async () => {
    const { library, folder } = await openLibrary();
    const { id } = await library.add(upload("a.cbz", first));
    await overwrite(path.join(folder, "a.cbz"), Buffer.alloc(first.length), 1_600_000_000);
    expect((await library.sync()).skipped).toMatchObject([{ file: "a.cbz" }]);
    expect(await library.problems()).toMatchObject([{ file: "a.cbz", kind: "broken", id }]);
  });

  test("is not read again while nothing wrote to it, and once when it was touched", async () => {
    const { library, folder, store } = await openLibrary();
    const file = path.join(folder, "a.cbz");
    const { id } = await library.add(upload("a.cbz", first));
    const changes: object[] = [];
    const { update } = store.archives;
    store.archives.update = (changed, patch, ...rest) => {
      changes.push(patch);
      return update(changed, patch, ...rest);
    };
    await overwrite(file, first, 1_600_000_000);
    expect(await library.sync()).toEqual(nothing);
    // Its content is another one, and its size and time are those of the record.
    await overwrite(file, Buffer.alloc(first.length), 1_600_000_000);
    expect(await library.sync()).toEqual(nothing);
    expect(changes).toHaveLength(1);
    expect(await library.get(id)).toMatchObject({ id, modified: 1.6e12 });
  });

  test("of an earlier version gets its time without a read", async () => {
    const { library, folder, store } = await openLibrary();
    const { id, modified: _, ...record } = await library.add(upload("a.cbz", first));
    await store.archives.delete(id);
    await store.archives.add({ id, ...record });
    await overwrite(path.join(folder, "a.cbz"), Buffer.alloc(first.length), 1_600_000_000);
    expect(await library.sync()).toEqual(nothing);
    expect(await library.list()).toEqual([{ id, ...record, modified: 1.6e12 }]);
  });
});
