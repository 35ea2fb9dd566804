import { readdir } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { defaultTimeouts } from "../../../src/library/lanraragi/server.ts";
import { lookAt, page } from "../../thumbnails/pages.ts";
import { cbz } from "../cbz.ts";
import { libraryContract, upload } from "../library-contract.ts";
import { connectLibrary, startRemote } from "./open-remote.ts";

const MAX_UPLOAD = 2_000_000;

const open = async (more: Parameters<typeof connectLibrary>[2] = {}) => {
  const remote = await startRemote();
  return { remote, ...(await connectLibrary(remote.address, remote.apiKey.key, more)) };
};

libraryContract("lanraragi", async () => ({
  library: (await open({ maxUploadBytes: MAX_UPLOAD })).library,
  maxUploadBytes: MAX_UPLOAD,
}));

test("changes made here appear on the other server, and the reverse", async () => {
  const { library, remote } = await open({ freshMs: 0 });
  const there = remote.services.library;
  const { id } = await library.add(upload("one.cbz", cbz("one"), { tags: "a" }));
  await library.update(id, { tags: "a, artist:müller & söhne, 100% ?#=+", summary: "line\nline" });
  expect(await there.get(id)).toMatchObject({
    tags: "a, artist:müller & söhne, 100% ?#=+",
    summary: "line\nline",
  });
  await there.update(id, { title: "Theirs" });
  expect((await library.search("theirs", 5)).map((a) => a.id)).toEqual([id]);
  await there.delete(id);
  await expect(library.entries(id)).rejects.toMatchObject({ code: "ARCHIVE_NOT_FOUND" });
});

test("a file of the other server is downloaded once for all readers", async () => {
  const { library, remote, folder } = await open();
  const bytes = cbz("theirs", { "large.jpg": [Buffer.alloc(700_000, "x"), { level: 0 }] });
  const { id } = await remote.services.library.add(upload("theirs.cbz", bytes));
  const reads = Array.from({ length: 10 }, () => library.read(id, "pages/01.jpg", 1000));
  for (const page of await Promise.all(reads)) expect(page.toString()).toBe("first page of theirs");
  expect(await readdir(path.join(folder, "files"))).toEqual([`${id}-${bytes.length}.cbz`]);
  expect(await library.localFile(id)).toBe(path.join(folder, "files", `${id}-${bytes.length}.cbz`));
});

test("thumbnails are those of the other server", async () => {
  // It is drawn there, which takes time on a busy machine.
  const { library, remote } = await open({ timeouts: defaultTimeouts });
  const { signal } = new AbortController();
  const bytes = cbz("theirs", { "0.jpg": await page("red"), "1.jpg": await page("blue") });
  const { id } = await remote.services.library.add(upload("theirs.cbz", bytes));
  const cover = await library.thumbnail?.(id, 1, signal);
  expect(cover && (await lookAt(cover)).color).toBe("red");
  const second = await library.thumbnail?.(id, 2, signal);
  expect(second && (await lookAt(second)).color).toBe("blue");
  expect(await library.thumbnail?.(id, 99, signal)).toBeUndefined();
  await expect(library.thumbnail?.("0".repeat(40), 1, signal)).rejects.toMatchObject({
    code: "ARCHIVE_NOT_FOUND",
  });
});

test("a text too long for a request's address is rejected, and nothing is written", async () => {
  const { library } = await open();
  const { id } = await library.add(upload("one.cbz", cbz("one"), { title: "Before" }));
  const tags = Array.from({ length: 600 }, (_, n) => `tag:${n}`).join(", ");
  const summary = "s".repeat(6000);
  expect(await library.update(id, { tags, summary, title: "After" })).toMatchObject({
    tags,
    summary,
    title: "After",
  });
  const refused = library.update(id, { title: "Never", summary: "s".repeat(40_000) });
  await expect(refused).rejects.toMatchObject({
    code: "LIBRARY_TEXT_TOO_LONG",
    params: { field: "summary" },
  });
  expect(await library.get(id)).toMatchObject({ title: "After", summary });
});

test("a wrong key is reported without showing it", async () => {
  const remote = await startRemote();
  const { library } = await connectLibrary(remote.address, "a wrong key");
  const error = await library.list().catch((e: unknown) => e);
  expect(error).toMatchObject({ code: "LIBRARY_KEY_REFUSED", status: 502 });
  expect(JSON.stringify(error)).not.toContain("a wrong key");
  const adding = library.add(upload("one.cbz", cbz("one")));
  await expect(adding).rejects.toMatchObject({ code: "LIBRARY_KEY_REFUSED" });
});
