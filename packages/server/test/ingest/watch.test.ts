import { mkdir, open, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { pino } from "pino";
import { expect, onTestFinished, test, vi } from "vitest";
import { createLibraryWatch, ELSEWHERE, type LibraryWatchDeps } from "../../src/ingest/watch.ts";
import { cbz } from "../library/cbz.ts";
import { openLibrary } from "../library/open-library.ts";

const settleMs = 40;

/** A library whose folder is watched, with the files that each reading found. */
const watched = async (options: Partial<LibraryWatchDeps> = {}) => {
  const { library, folder } = await openLibrary();
  await mkdir(folder, { recursive: true });
  const lines: { msg: string }[] = [];
  const log = pino({ level: "warn" }, { write: (line: string) => void lines.push(JSON.parse(line)) });
  let readings = 0;
  const watch = createLibraryWatch({
    read: async (signal) => {
      const { folders, unsettled } = await library.sync({ signal, settleMs });
      readings++;
      return { folders, unsettled: unsettled.length > 0 };
    },
    settleMs,
    everyMs: 3_600_000,
    log,
    ...options,
  });
  onTestFinished(() => watch.stop());
  const files = async () => (await library.list()).map(({ file }) => file).sort();
  return { watch, library, folder, lines, files, readings: () => readings };
};

test("what is put into the folder is taken in, new folders included", async () => {
  const { watch, folder, files, readings } = await watched();
  await writeFile(path.join(folder, "first.zip"), cbz("first"));
  watch.start();
  await vi.waitFor(async () => expect(await files()).toEqual(["first.zip"]));
  await mkdir(path.join(folder, "series/vol 1"), { recursive: true });
  await vi.waitFor(() => expect(readings()).toBeGreaterThan(1));
  await writeFile(path.join(folder, "series/vol 1/a.cbz"), cbz("a"));
  await vi.waitFor(async () => expect(await files()).toEqual(["first.zip", "series/vol 1/a.cbz"]), 5000);
  await rm(path.join(folder, "series"), { recursive: true });
  await writeFile(path.join(folder, "last.zip"), cbz("last"));
  await vi.waitFor(async () => expect(await files()).toContain("last.zip"), 5000);
});

test("a file that is still written to is taken in once it is whole, and is never seen before", async () => {
  const { watch, folder, library, readings } = await watched();
  watch.start();
  const bytes = cbz("slow");
  const handle = await open(path.join(folder, "slow.zip"), "w");
  for (const byte of bytes.subarray(0, 10)) {
    await handle.write(Buffer.from([byte]));
    const before = readings();
    await vi.waitFor(() => expect(readings()).toBeGreaterThan(before), 5000);
    expect(await library.count()).toBe(0);
  }
  await handle.write(bytes.subarray(10));
  await handle.close();
  await vi.waitFor(async () => expect(await library.list()).toMatchObject([{ size: bytes.length }]), 5000);
});

test("a folder that vanishes and comes back is watched again", async () => {
  const { watch, folder, files, readings } = await watched({ awayMs: 30 });
  await writeFile(path.join(folder, "first.zip"), cbz("first"));
  watch.start();
  await vi.waitFor(async () => expect(await files()).toEqual(["first.zip"]));
  const before = readings();
  await rename(folder, `${folder}-away`);
  await vi.waitFor(() => expect(readings()).toBeGreaterThan(before + 1), 5000);
  await rename(`${folder}-away`, folder);
  await writeFile(path.join(folder, "second.zip"), cbz("second"));
  await vi.waitFor(async () => expect(await files()).toEqual(["first.zip", "second.zip"]), 5000);
  const back = readings();
  await writeFile(path.join(folder, "third.zip"), cbz("third"));
  await vi.waitFor(async () => expect(await files()).toContain("third.zip"), 5000);
  expect(readings()).toBeGreaterThan(back);
});

test("a folder whose place another one takes at once is watched there", async () => {
  const { watch, folder, files, readings } = await watched();
  watch.start();
  await vi.waitFor(() => expect(readings()).toBe(1));
  await mkdir(`${folder}-new`);
  await rename(folder, `${folder}-old`);
  await rename(`${folder}-new`, folder);
  await vi.waitFor(() => expect(readings()).toBeGreaterThan(1), 5000);
  await writeFile(path.join(folder, "late.zip"), cbz("late"));
  await vi.waitFor(async () => expect(await files()).toEqual(["late.zip"]), 5000);
});

test("a reading that fails is told, and the next one comes", async () => {
  let fails = true;
  const { watch, folder, lines } = await watched({
    read: async () => {
      if (fails) throw new Error("the disk is away");
      return { folders: [folder], unsettled: false };
    },
    everyMs: 30,
  });
  watch.start();
  await vi.waitFor(() => expect(lines.length).toBeGreaterThan(1));
  expect(lines[0]?.msg).toBe("the library could not be read");
  fails = false;
});

test("without readings now and then the folder is read at the start only", async () => {
  const [once, control] = [await watched({ everyMs: 0 }), await watched()];
  for (const { watch, readings } of [once, control]) {
    watch.start();
    await vi.waitFor(() => expect(readings()).toBe(1));
  }
  for (const { folder } of [once, control]) await writeFile(path.join(folder, "late.zip"), cbz("late"));
  await vi.waitFor(async () => expect(await control.files()).toEqual(["late.zip"]));
  expect(await once.files()).toEqual([]);
  expect(once.readings()).toBe(1);
});

test("a stop waits for a reading and lets none begin", async () => {
  let running = false;
  const { watch } = await watched({
    read: async (signal) => {
      running = true;
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      running = false;
      return { folders: [], unsettled: true };
    },
  });
  watch.start();
  await vi.waitFor(() => expect(running).toBe(true));
  await watch.stop();
  expect(running).toBe(false);
});

test("a folder that another server is reading is read after it, and watched all the while", async () => {
  const { folder, library, files } = await watched();
  let elsewhere = false;
  const turns: string[] = [];
  const read: LibraryWatchDeps["read"] = async (signal) => {
    if (elsewhere) turns.push("elsewhere");
    if (elsewhere) return ELSEWHERE;
    const { folders, unsettled } = await library.sync({ signal, settleMs });
    turns.push("here");
    return { folders, unsettled: unsettled.length > 0 };
  };
  const watch = createLibraryWatch({ read, settleMs, everyMs: 3_600_000, log: pino({ level: "silent" }) });
  onTestFinished(() => watch.stop());
  watch.start();
  await vi.waitFor(() => expect(turns).toEqual(["here"]));
  elsewhere = true;
  await writeFile(path.join(folder, "a.zip"), cbz("a"));
  await vi.waitFor(() => expect(turns).toContain("elsewhere"), 5000);
  elsewhere = false;
  await vi.waitFor(async () => expect(await files()).toEqual(["a.zip"]), 5000);
});
