import { mkdir, readdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { pino } from "pino";
import { expect, onTestFinished, test, vi } from "vitest";
import { announceLibrary } from "../../src/events/announce.ts";
import { createInProcessBus } from "../../src/events/in-process.ts";
import type { Library } from "../../src/library/types.ts";
import { createDrawing, type Drawing } from "../../src/thumbnails/draw.ts";
import { createThumbnails } from "../../src/thumbnails/thumbnails.ts";
import { pdf, samples } from "../library/containers/samples.ts";
import { upload } from "../library/library-contract.ts";
import { openLibrary } from "../library/open-library.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { lookAt, page } from "./pages.ts";

const { signal } = new AbortController();

const open = async ({
  maxCacheBytes = 1_000_000,
  folder,
}: {
  maxCacheBytes?: number;
  folder?: string;
} = {}) => {
  const events = createInProcessBus();
  const opened = (await openLibrary()).library;
  const { library } = announceLibrary(
    { kind: "folder", library: opened, close: opened.close },
    events.publish,
  );
  const own = createDrawing();
  const draw = vi.fn<Drawing["draw"]>(own.draw);
  const cache = folder ?? path.join(await tempFolder(), "thumbnails");
  const thumbnails = createThumbnails({
    ...{ library, events, maxCacheBytes, folder: cache },
    log: pino({ level: "silent" }),
    drawing: { ...own, draw },
  });
  onTestFinished(async () => {
    thumbnails.close();
    await opened.close();
  });
  const cached = (): Promise<string[]> => readdir(cache).catch(() => []);
  return { library, thumbnails, draw, cached };
};

const add = async (library: Library, bytes: Buffer, name = "one.cbz"): Promise<string> =>
  (await library.add(upload(name, bytes))).id;

test.each(["zip", "rar 5", "7z", "tar"] as const)("the cover and a page of %s are drawn", async (kind) => {
  const { library, thumbnails } = await open();
  const bytes = await samples[kind]({
    "10.jpg": await page("blue"),
    "2.jpg": await page("red"),
    "a.txt": Buffer.from("x"),
  });
  const id = await add(library, bytes);
  for (const [number, color] of [
    [1, "red"],
    [2, "blue"],
  ] as const) {
    const made = await thumbnails.get(id, number, signal);
    if (!("image" in made)) throw new Error(made.reason);
    expect(made.type).toBe("image/jpeg");
    expect(await lookAt(made.image)).toEqual({ format: "jpeg", width: 500, height: 714, color });
  }
});

test("the cover of a PDF is drawn", async () => {
  const { library, thumbnails } = await open();
  const made = await thumbnails.get(await add(library, pdf("red", "blue"), "one.pdf"), 1, signal);
  expect("image" in made && (await lookAt(made.image)).color).toBe("red");
});

test.each(["jpeg", "png", "webp", "gif", "avif"] as const)(
  "a page in %s is drawn, and is not enlarged",
  async (format) => {
    const { library, thumbnails } = await open();
    const small = await page("red", format, { width: 120, height: 80 });
    const made = await thumbnails.get(await add(library, await samples.zip({ "1.png": small })), 1, signal);
    expect("image" in made && (await lookAt(made.image))).toMatchObject({
      format: "jpeg",
      width: 120,
      height: 80,
    });
  },
);

test("a thumbnail is drawn once, also for requests at the same time, and stays after a start", async () => {
  const folder = path.join(await tempFolder(), "thumbnails");
  const first = await open({ folder });
  const bytes = await samples.zip({ "1.jpg": await page("red") });
  const id = await add(first.library, bytes);
  const all = await Promise.all(Array.from({ length: 5 }, () => first.thumbnails.get(id, 1, signal)));
  expect(await first.thumbnails.get(id, 1, signal)).toEqual(all[0]);
  expect(first.draw).toHaveBeenCalledTimes(1);
  const second = await open({ folder });
  await add(second.library, bytes);
  await second.thumbnails.start();
  expect(await second.thumbnails.get(id, 1, signal)).toEqual(all[0]);
  expect(second.draw).not.toHaveBeenCalled();
});

test("the cache ends with its archive, also with one that was removed while the server was off", async () => {
  const folder = path.join(await tempFolder(), "thumbnails");
  await mkdir(folder);
  await writeFile(path.join(folder, `${"0".repeat(40)}-7-1.jpg`), "of an archive that is gone");
  const { library, thumbnails, cached } = await open({ folder });
  await thumbnails.start();
  await vi.waitFor(async () => expect(await cached()).toEqual([]));
  const kept = await add(library, await samples.zip({ "1.jpg": await page("red") }), "kept.cbz");
  const removed = await add(library, await samples.zip({ "1.jpg": await page("blue") }), "removed.cbz");
  for (const id of [kept, removed]) await thumbnails.get(id, 1, signal);
  expect(await cached()).toHaveLength(2);
  await library.delete(removed);
  await vi.waitFor(async () => expect(await cached()).toEqual([expect.stringContaining(kept)]));
  await expect(thumbnails.get(removed, 1, signal)).rejects.toMatchObject({ code: "ARCHIVE_NOT_FOUND" });
});

test("the cache has a bound, and the thumbnails that were used last stay", async () => {
  const one = await page("red");
  const { library, thumbnails, cached } = await open({ maxCacheBytes: 8000 });
  const id = await add(
    library,
    await samples.zip(Object.fromEntries(Array.from({ length: 8 }, (_, n) => [`${n}.jpg`, one]))),
  );
  for (let n = 1; n <= 8; n++) expect(await thumbnails.get(id, n, signal)).toHaveProperty("image");
  const left = await cached();
  expect(left.length).toBeLessThan(8);
  expect(left.some((name) => name.endsWith("-8.jpg"))).toBe(true);
});

test("a page that is no image has a reason, which is remembered", async () => {
  const { library, thumbnails, draw } = await open();
  const id = await add(library, await samples.zip({ "1.jpg": Buffer.from("<html>no image</html>") }));
  for (let n = 0; n < 2; n++)
    expect(await thumbnails.get(id, 1, signal)).toEqual({ reason: "it is no image that is drawn here" });
  expect(draw).toHaveBeenCalledTimes(1);
  expect(await thumbnails.get(id, 2, signal)).toEqual({ reason: "it has no such page" });
});

test("a request that went away takes no turn, and others that shared it get their thumbnail", async () => {
  const { library, thumbnails, draw } = await open();
  const id = await add(library, await samples.zip({ "1.jpg": await page("red") }));
  const gone = new AbortController();
  const first = thumbnails.get(id, 1, gone.signal);
  const second = thumbnails.get(id, 1, signal);
  gone.abort();
  await expect(first).rejects.toThrow();
  expect(await second).toHaveProperty("image");
  expect(draw.mock.calls.length).toBeLessThanOrEqual(2);
});
