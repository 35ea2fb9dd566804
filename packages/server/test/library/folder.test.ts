import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { PassThrough, Readable } from "node:stream";
import { expect, test } from "vitest";
import { cbz } from "./cbz.ts";
import { libraryContract, sha1, upload } from "./library-contract.ts";
import { MAX_UPLOAD, openLibrary } from "./open-library.ts";

libraryContract("folder", async () => ({
  library: (await openLibrary()).library,
  maxUploadBytes: MAX_UPLOAD,
}));

const archivesIn = async (folder: string) => (await readdir(folder)).filter((n) => n !== ".incoming").sort();

test("the file is stored in the folder with the uploaded name and bytes", async () => {
  const { library, folder } = await openLibrary();
  const { file } = await library.add(upload("題名 [v1].cbz", cbz("a")));
  expect(file).toBe("題名 [v1].cbz");
  expect(await readFile(path.join(folder, file))).toEqual(cbz("a"));
  expect(await readdir(path.join(folder, ".incoming"))).toEqual([]);
});

test("a rejected or interrupted upload leaves no file", async () => {
  const { library, folder } = await openLibrary();
  const cutOff = Readable.from(
    (async function* () {
      yield cbz("a").subarray(0, 50);
      throw new Error("connection lost");
    })(),
  );
  await expect(library.add({ filename: "a.cbz", stream: cutOff })).rejects.toThrow("connection lost");
  await expect(library.add(upload("a.cbz", Buffer.from("no zip")))).rejects.toThrow();
  await library.add(upload("b.cbz", cbz("b")));
  await expect(library.add(upload("c.cbz", cbz("b")))).rejects.toThrow();
  expect(await archivesIn(folder)).toEqual(["b.cbz"]);
  expect(await readdir(path.join(folder, ".incoming"))).toEqual([]);
});

test("an upload that is interrupted before it is read fails without an unhandled error", async () => {
  const { library, folder } = await openLibrary();
  const stream = new PassThrough();
  const adding = library.add({ filename: "a.cbz", stream });
  stream.destroy(new Error("connection lost"));
  await expect(adding).rejects.toThrow("connection lost");
  expect(await archivesIn(folder)).toEqual([]);
});

test("an existing unknown file of the same name is not overwritten", async () => {
  const { library, folder } = await openLibrary();
  await writeFile(path.join(folder, "a.cbz"), "another file");
  expect((await library.add(upload("a.cbz", cbz("a")))).file).toBe("a (2).cbz");
  expect(await readFile(path.join(folder, "a.cbz"), "utf8")).toBe("another file");
});

test("reading an archive whose file was deleted outside of Hitagi fails with that reason, and the archive can be deleted", async () => {
  const { library, folder } = await openLibrary();
  const { id, file } = await library.add(upload("a.cbz", cbz("a")));
  await rm(path.join(folder, file));
  const other = await library.add(upload("b.cbz", cbz("b")));
  expect(await library.missing()).toEqual(new Set([id]));
  await library.delete(other.id);
  const gone = { code: "ARCHIVE_BROKEN", message: expect.stringContaining("gone") };
  await expect(library.entries(id)).rejects.toMatchObject(gone);
  await expect(library.read(id, "ComicInfo.xml", 100)).rejects.toMatchObject(gone);
  expect(await library.delete(id)).toMatchObject({ id });
  expect(await library.count()).toBe(0);
});

test("a file that was deleted outside of Hitagi and uploaded again keeps its metadata", async () => {
  const { library, folder } = await openLibrary();
  const { id, file } = await library.add(upload("a.cbz", cbz("a"), { tags: "kept" }));
  await rm(path.join(folder, file));
  expect(await library.add(upload("again.cbz", cbz("a")))).toMatchObject({ id, tags: "kept" });
  expect(await library.get(id)).toMatchObject({ file: "again.cbz", tags: "kept" });
  expect(await library.entries(id)).toHaveLength(3);
});

test("an archive that another operation has locked is busy", async () => {
  const { library, store } = await openLibrary();
  const { id } = await library.add(upload("a.cbz", cbz("a")));
  const lock = await store.locks.tryAcquire(`archive:${id}`);
  await expect(library.delete(id)).rejects.toMatchObject({ code: "ARCHIVE_BUSY", params: { id } });
  await lock?.release();
  await expect(library.delete(id)).resolves.toMatchObject({ id: sha1(cbz("a")) });
});
