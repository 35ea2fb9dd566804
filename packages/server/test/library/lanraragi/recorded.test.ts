import { readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { Readable } from "node:stream";
import { expect, test } from "vitest";
import { createFileCache } from "../../../src/library/file-cache.ts";
import { httpServer } from "../../support/http-server.ts";
import { cbz } from "../cbz.ts";
import { rar5 } from "../containers/rar.ts";
import { sha1, upload } from "../library-contract.ts";
import { connectLibrary, QUICK } from "./open-remote.ts";
import { failing, KEY, type Quirk, recordedLanraragi } from "./recorded.ts";

const open = async (more: Parameters<typeof connectLibrary>[2] = {}, key = KEY) => {
  const there = await recordedLanraragi();
  return { there, ...(await connectLibrary(there.address, key, more)) };
};

test("the different formats of LANraragi's versions give the same archive", async () => {
  const { there, library } = await open();
  const tags = "artist:a,b, date_added:1700000000,a:b ";
  const id = there.add("An old one.zip", cbz("old"), { title: "", tags, summary: null, pagecount: "12" });
  expect(await library.get(id)).toEqual({
    ...{ id, file: "An old one.zip", title: "An old one", summary: "", pages: 12, added: 1_700_000_000 },
    ...{ tags: "artist:a, b, date_added:1700000000, a:b", size: cbz("old").length },
  });
  expect(await library.count()).toBe(1);
  await expect(library.get("0".repeat(40))).rejects.toMatchObject({ code: "ARCHIVE_NOT_FOUND" });
  await expect(library.get("../../x")).rejects.toMatchObject({ code: "ARCHIVE_NOT_FOUND" });
});

test("a thumbnail that LANraragi makes in a job is waited for", async () => {
  const { there, library } = await open();
  const { signal } = new AbortController();
  const id = there.add("one.zip", cbz("one"));
  const call = `GET /api/archives/${id}/thumbnail`;
  there.next(call, failing(202, {}, '{"operation":"serve_thumbnail","success":1,"job":7}'));
  there.next(
    "GET /api/minion/7",
    failing(200, {}, '{"state":"active"}'),
    failing(200, {}, '{"state":"finished"}'),
  );
  there.next(call, failing(200, { "content-type": "image/jpeg" }, "a picture"));
  expect((await library.thumbnail?.(id, 3, signal))?.toString()).toBe("a picture");
  expect(there.asked.filter((asked) => asked === "GET /api/minion/7")).toHaveLength(2);
  there.next(call, failing(202, {}, '{"job":8}'), failing(202, {}, '{"job":9}'));
  there.next("GET /api/minion/8", failing(200, {}, '{"state":"failed"}'));
  expect(await library.thumbnail?.(id, 1, signal)).toBeUndefined();
  there.next(call, failing(200, {}, "x".repeat(9_000_000)));
  await expect(library.thumbnail?.(id, 1, signal)).rejects.toMatchObject({ code: "LIBRARY_ANSWER" });
});

test("groups of archives among them do no harm", async () => {
  const id = "0".repeat(40);
  const answers: Record<string, unknown> = {
    "/api/archives": [
      { arcid: "TANK_1589141306", title: "A group", tags: "a", pagecount: 7 },
      { arcid: id, title: "One", tags: "b", filename: "one", extension: "cbz" },
      { arcid: "TANK_1589138380", title: null, tags: null },
    ],
    "/api/categories": [{ id: "SET_1589141306", name: "Mixed", archives: ["TANK_1589141306", id] }],
  };
  const address = await httpServer((request, response) => {
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(answers[request.url ?? ""] ?? {}));
  });
  const { library } = await connectLibrary(address, KEY);
  expect((await library.list()).map((one) => [one.id, one.title])).toEqual([[id, "One"]]);
  expect(await library.categories.list()).toMatchObject([{ name: "Mixed", archives: [id] }]);
});

test("a rar is read here, with the files that LANraragi does not show", async () => {
  const { there, library } = await open();
  const id = there.add(
    "packed.cbr",
    rar5({ "ComicInfo.xml": Buffer.from("<a/>"), "1.jpg": Buffer.from("page") }),
  );
  expect((await library.entries(id)).map(({ name }) => name)).toEqual(["ComicInfo.xml", "1.jpg"]);
  expect((await library.read(id, "ComicInfo.xml", 100)).toString()).toBe("<a/>");
});

test("a format that only the server can open is read page by page", async () => {
  const { there, library } = await open();
  const id = there.add("packed.rar", Buffer.from("Rar!"));
  there.pages.set(
    id,
    new Map([
      ["a b/01 ü&?.jpg", Buffer.from("first")],
      ["02.jpg", Buffer.from("second")],
    ]),
  );
  expect(await library.entries(id)).toEqual([
    { name: "a b/01 ü&?.jpg", size: 0 },
    { name: "02.jpg", size: 0 },
  ]);
  expect((await library.read(id, "a b/01 ü&?.jpg", 100)).toString()).toBe("first");
  await expect(library.read(id, "03.jpg", 100)).rejects.toMatchObject({ code: "ENTRY_NOT_FOUND" });
  await expect(library.read(id, "02.jpg", 3)).rejects.toMatchObject({ code: "ENTRY_TOO_LARGE" });
  expect(await readFile(await library.localFile(id), "utf8")).toBe("Rar!");
});

test("a format that only the server can open may be uploaded, and its refusals have their own codes", async () => {
  const { there, library } = await open();
  const bytes = Buffer.from("Rar! of a kind");
  const added = await library.add(upload('[a] ü "q".rar', bytes, { tags: "a:b" }));
  expect(added).toMatchObject({ id: sha1(bytes), file: "[a] ü q.rar", title: "[a] ü q", tags: "a:b" });
  await expect(library.add(upload("x.exe", cbz("x")))).rejects.toMatchObject({
    code: "ARCHIVE_TYPE_UNSUPPORTED",
  });
  for (const [status, code] of [
    [409, "ARCHIVE_EXISTS"],
    [413, "LIBRARY_UPLOAD_TOO_LARGE"],
    [417, "ARCHIVE_CHECKSUM"],
    [423, "ARCHIVE_BUSY"],
    [500, "LIBRARY_ANSWER"],
    [503, "LIBRARY_UNREACHABLE"],
  ] as const) {
    there.next("PUT /api/archives/upload", failing(status));
    await expect(library.add(upload("new.zip", cbz("new"))), code).rejects.toMatchObject({ code });
  }
  const other = "a".repeat(40);
  there.next("PUT /api/archives/upload", failing(409, {}, JSON.stringify({ success: 0, id: other })));
  const exists = { code: "ARCHIVE_EXISTS", params: { id: other } };
  await expect(library.add(upload("new.zip", cbz("new")))).rejects.toMatchObject(exists);
  expect(there.archives.size).toBe(1);
});

test("an upload is sent once and completely, and is read without a download", async () => {
  const { there, library, folder } = await open();
  const bytes = cbz("new");
  const { id } = await library.add(upload("new.cbz", bytes));
  expect(there.files.get(id)).toEqual(bytes);
  expect(await library.entries(id)).toHaveLength(3);
  expect(there.asked.filter((call) => call.startsWith("PUT"))).toEqual(["PUT /api/archives/upload"]);
  expect(there.asked.some((call) => call.endsWith("/download"))).toBe(false);
  expect(await readdir(path.join(folder, ".incoming"))).toEqual([]);
});

test("a file is downloaded once for all readers, and again when it changed", async () => {
  const { there, library } = await open({ freshMs: 0 });
  const id = there.add("one.cbz", cbz("one"));
  const downloads = () => there.asked.filter((call) => call.endsWith("/download")).length;
  await Promise.all(Array.from({ length: 8 }, () => library.read(id, "pages/01.jpg", 100)));
  expect(downloads()).toBe(1);
  const grown = Buffer.concat([cbz("one", { "z.jpg": new Uint8Array(9) })]);
  there.files.set(id, grown);
  const archive = there.archives.get(id);
  if (archive) archive.size = grown.length;
  expect(await library.entries(id)).toHaveLength(4);
  expect(downloads()).toBe(2);
});

test("the file cache has a size limit, and a larger file is rejected", async () => {
  const size = cbz("0").length;
  const { there, library, folder } = await open({ maxCacheBytes: 2 * size + 10 });
  const ids = ["0", "1", "2"].map((seed) => there.add(`${seed}.cbz`, cbz(seed)));
  for (const id of [ids[0], ids[1], ids[0], ids[2]]) await library.entries(id ?? "");
  const kept = (await readdir(path.join(folder, "files"))).map((name) => name.slice(0, 40));
  expect(kept.sort()).toEqual([ids[0], ids[2]].sort());
  const large = there.add("large.cbz", cbz("l", { "l.jpg": [new Uint8Array(5000), { level: 0 }] }));
  await expect(library.entries(large)).rejects.toMatchObject({ code: "LIBRARY_FILE_TOO_LARGE" });
});

test("a new process reuses the cached files and removes partial downloads", async () => {
  const { there, library, folder } = await open();
  const id = there.add("one.cbz", cbz("one"));
  await library.entries(id);
  const files = path.join(folder, "files");
  await writeFile(path.join(files, "x.part"), "half");
  const again = createFileCache(files, 1e6);
  const name = `${id}-${cbz("one").length}.cbz`;
  const never = () => Promise.reject(new Error("it is here"));
  expect(await again.file(name, never)).toBe(path.join(files, name));
  expect(await readdir(files)).toEqual([name]);
});

test("a download that is cut off is retried, and one that is always cut off leaves no file", async () => {
  const { there, library, folder } = await open();
  const bytes = cbz("cut", { "large.jpg": [Buffer.alloc(300_000, "x"), { level: 0 }] });
  const id = there.add("cut.cbz", bytes);
  const cut: Quirk = (_, response) => {
    response.writeHead(200, { "content-length": bytes.length });
    response.write(bytes.subarray(0, 100_000), () => response.destroy());
  };
  there.next(`GET /api/archives/${id}/download`, failing(503), cut);
  expect(await library.entries(id)).toHaveLength(4);
  expect(there.asked.filter((call) => call.endsWith("/download"))).toHaveLength(3);

  const other = there.add("other.cbz", cbz("other"));
  const gone: Quirk = (_, response) => void response.destroy();
  await library.get(other);
  there.next(`GET /api/archives/${other}/download`, ...Array.from({ length: 9 }, () => gone));
  await expect(library.entries(other)).rejects.toMatchObject({
    code: "LIBRARY_UNREACHABLE",
    message: expect.stringContaining("cut off"),
  });
  expect(await readdir(path.join(folder, "files"))).toEqual([`${id}-${bytes.length}.cbz`]);
});

test("a request to a busy or unavailable server is retried, after Retry-After if given", async () => {
  const { there, library } = await open();
  const id = there.add("one.cbz", cbz("one"));
  there.next(`PUT /api/archives/${id}`, failing(423), failing(503));
  expect(await library.update(id, { tags: "a" })).toMatchObject({ tags: "a" });
  const began = performance.now();
  there.next("GET /api/archives", failing(429, { "retry-after": "1" }));
  expect(await library.list()).toHaveLength(1);
  expect(performance.now() - began).toBeGreaterThan(950);
  there.next(`PUT /api/archives/${id}`, ...Array.from({ length: 9 }, () => failing(423)));
  await expect(library.update(id, { tags: "b" })).rejects.toMatchObject({
    code: "ARCHIVE_BUSY",
    params: { id },
  });
});

test("a response that is cut off is requested again", async () => {
  const { there, library } = await open();
  there.add("one.cbz", cbz("one"));
  const half: Quirk = (_, response) => {
    response.writeHead(200, { "content-length": 100 });
    response.write('[{"arcid": "', () => response.destroy());
  };
  there.next("GET /api/archives", half);
  expect(await library.list()).toHaveLength(1);
});

test.each([
  ["a page", failing(200, {}, "<html>"), "not JSON"],
  ["another shape", failing(200, {}, '{"data": []}'), "another shape"],
  ["a redirect", failing(302, { location: "https://elsewhere.example/" }), "redirects"],
  ["a status of its own", failing(418), "418"],
])("a server that is not LANraragi is reported: %s", async (_what, quirk, words) => {
  const { there, library } = await open();
  there.next("GET /api/archives", quirk);
  await expect(library.list()).rejects.toMatchObject({
    code: "LIBRARY_ANSWER",
    message: expect.stringContaining(words),
  });
});

test("a server that does not answer or does not exist is reported in time", async () => {
  const { there, library } = await open({ timeouts: { ...QUICK, silenceMs: 300 } });
  there.next("GET /api/archives", () => undefined);
  await expect(library.list()).rejects.toMatchObject({
    code: "LIBRARY_UNREACHABLE",
    message: expect.stringContaining("did not answer in time"),
  });
  const nowhere = await connectLibrary("http://127.0.0.1:1", KEY);
  await expect(nowhere.library.list()).rejects.toMatchObject({
    code: "LIBRARY_UNREACHABLE",
    message: expect.stringContaining("refused"),
  });
});

test("counts are cached for a moment, and an unresponsive server does not delay them", async () => {
  const { there, library } = await open();
  there.add("one.cbz", cbz("one"));
  expect([await library.count(), await library.count()]).toEqual([1, 1]);
  expect(there.asked).toEqual(["GET /api/info"]);
  await library.add(upload("two.cbz", cbz("two")));
  expect(await library.count()).toBe(2);
  await library.delete(sha1(cbz("two")));
  there.next("GET /api/info", () => undefined);
  // The time of silence would outlast the test.
  await expect(library.count()).rejects.toMatchObject({ code: "LIBRARY_UNREACHABLE" });
});

test("with a wrong key, reads succeed and changes are refused", async () => {
  const { there, library } = await open({}, "wrong");
  const id = there.add("one.cbz", cbz("one"));
  expect(await library.list()).toHaveLength(1);
  for (const change of [
    () => library.update(id, { title: "x" }),
    () => library.delete(id),
    () => library.add(upload("new.cbz", cbz("new"))),
  ]) {
    await expect(change()).rejects.toMatchObject({ code: "LIBRARY_KEY_REFUSED" });
  }
  expect([...there.archives.values()].map(({ title }) => title)).toEqual(["one"]);
});

test("a large upload is streamed, not buffered", async () => {
  const { there, library } = await open({ maxUploadBytes: 400_000_000 });
  let came = 0;
  there.next("PUT /api/archives/upload", (request, response) => {
    request.on("data", (chunk: Buffer) => {
      came += chunk.length;
    });
    request.on("end", () => response.writeHead(415).end());
  });
  const piece = Buffer.alloc(1_000_000, "p");
  const stream = Readable.from(
    (function* () {
      for (let n = 0; n < 300; n++) yield piece;
    })(),
  );
  const before = process.memoryUsage().rss;
  let most = 0;
  const timer = setInterval(() => {
    most = Math.max(most, process.memoryUsage().rss - before);
  }, 5);
  const adding = library.add({ filename: "huge.exe", stream }).finally(() => clearInterval(timer));
  await expect(adding).rejects.toMatchObject({ code: "ARCHIVE_TYPE_UNSUPPORTED" });
  expect(came).toBeGreaterThan(300_000_000);
  expect(most).toBeLessThan(150_000_000);
});

test("categories in the shapes of LANraragi's versions are read", async () => {
  const { there, library } = await open();
  const answering = (body: unknown) =>
    failing(200, { "content-type": "application/json" }, JSON.stringify(body));
  const archives = ["a".repeat(40)];
  there.next(
    "GET /api/categories",
    answering([
      { id: "SET_1700000002", name: "b", pinned: 0, search: null, archives },
      { id: "SET_1700000001", name: "a", pinned: "1", search: "x:y", archives: [], last_used: "0" },
    ]),
  );
  expect(await library.categories.list()).toEqual([
    { id: "SET_1700000001", name: "a", pinned: true, search: "x:y", archives: [] },
    { id: "SET_1700000002", name: "b", pinned: false, search: "", archives },
  ]);
  there.next("GET /api/categories/SET_1700000003", failing(400, {}, JSON.stringify({ success: 0 })));
  await expect(library.categories.get("SET_1700000003")).rejects.toMatchObject({
    code: "CATEGORY_NOT_FOUND",
  });
});
