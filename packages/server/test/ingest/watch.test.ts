import { mkdir, open, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { pino } from "pino";
import { expect, onTestFinished, test, vi } from "vitest";
import { createLibraryWatch, ELSEWHERE, type LibraryWatchDeps } from "../../src/ingest/watch.ts";
import { cbz } from "../library/cbz.ts";
import { openLibrary } from "../library/open-library.ts";

const settleMs = 40;

/** A library whose folder is watched, with the number of scans. */
const watched = async (options: Partial<LibraryWatchDeps> = {}) => {
  const { library, folder } = await openLibrary();
  await mkdir(folder, { recursive: true });
  const lines: { msg: string }[] = [];
  const log = pino({ level: "warn" }, { write: (line: string) => void lines.push(JSON.parse(line)) });
  let scans = 0;
  let found: string[] = [];
  const list = async () => (await library.list()).map(({ file }) => file).sort();
  const watch = createLibraryWatch({
    scan: async (signal, reading) => {
      const { folders, unsettled } = await library.sync({ signal, settleMs, reading });
      found = await list();
      scans++;
      return { folders, unsettled: unsettled.length > 0 };
    },
    settleMs,
    everyMs: 3_600_000,
    log,
    ...options,
  });
  onTestFinished(() => watch.stop());
  /** What the last scan left in the library; its folders are watched by then. */
  const files = () => found;
  return { watch, library, folder, lines, list, files, scans: () => scans };
};

test("archives in the folder and in new subfolders are added", async () => {
  const { watch, folder, files, scans } = await watched();
  await writeFile(path.join(folder, "first.zip"), cbz("first"));
  watch.start();
  await vi.waitFor(() => expect(files()).toEqual(["first.zip"]));
  await mkdir(path.join(folder, "series/vol 1"), { recursive: true });
  await vi.waitFor(() => expect(scans()).toBeGreaterThan(1));
  await writeFile(path.join(folder, "series/vol 1/a.cbz"), cbz("a"));
  await vi.waitFor(() => expect(files()).toEqual(["first.zip", "series/vol 1/a.cbz"]));
  await rm(path.join(folder, "series"), { recursive: true });
  await writeFile(path.join(folder, "last.zip"), cbz("last"));
  await vi.waitFor(() => expect(files()).toContain("last.zip"));
});

test("a file is added when it is complete, and not while it is written", async () => {
  const { watch, folder, library, scans } = await watched();
  watch.start();
  const bytes = cbz("slow");
  const handle = await open(path.join(folder, "slow.zip"), "w");
  for (const byte of bytes.subarray(0, 10)) {
    await handle.write(Buffer.from([byte]));
    const before = scans();
    await vi.waitFor(() => expect(scans()).toBeGreaterThan(before));
    expect(await library.count()).toBe(0);
  }
  await handle.write(bytes.subarray(10));
  await handle.close();
  await vi.waitFor(async () => expect(await library.list()).toMatchObject([{ size: bytes.length }]));
});

test("an archive that arrives after its folder was read and before the scan ends is added", async () => {
  const { folder, library, list } = await watched();
  let scans = 0;
  const scan: LibraryWatchDeps["scan"] = async (signal, reading) => {
    const { folders, unsettled } = await library.sync({ signal, settleMs, reading });
    if (scans++ === 0) await writeFile(path.join(folder, "late.zip"), cbz("late"));
    return { folders, unsettled: unsettled.length > 0 };
  };
  const watch = createLibraryWatch({ scan, settleMs, everyMs: 3_600_000, log: pino({ level: "silent" }) });
  onTestFinished(() => watch.stop());
  watch.start();
  await vi.waitFor(async () => expect(await list()).toEqual(["late.zip"]));
});

test("a library without folders is scanned at its interval, and one that is missing more often", async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const scansIn = async (ms: number, folders: string[] | undefined): Promise<number> => {
    let scans = 0;
    const scan = async () => {
      scans++;
      return { folders, unsettled: false };
    };
    const log = pino({ level: "silent" });
    const watch = createLibraryWatch({ scan, settleMs: 0, everyMs: 60_000, awayMs: 1000, log });
    watch.start();
    await vi.advanceTimersByTimeAsync(ms);
    await watch.stop();
    return scans;
  };
  expect(await scansIn(59_000, undefined)).toBe(1);
  expect(await scansIn(61_000, undefined)).toBe(2);
  expect(await scansIn(59_000, [])).toBeGreaterThan(2);
});

test("a folder that vanishes and comes back is watched again", async () => {
  const { watch, folder, files, scans } = await watched({ awayMs: 30 });
  await writeFile(path.join(folder, "first.zip"), cbz("first"));
  watch.start();
  await vi.waitFor(() => expect(files()).toEqual(["first.zip"]));
  const before = scans();
  await rename(folder, `${folder}-away`);
  await vi.waitFor(() => expect(scans()).toBeGreaterThan(before + 1));
  await writeFile(path.join(`${folder}-away`, "second.zip"), cbz("second"));
  await rename(`${folder}-away`, folder);
  await vi.waitFor(() => expect(files()).toEqual(["first.zip", "second.zip"]));
  const back = scans();
  await writeFile(path.join(folder, "third.zip"), cbz("third"));
  await vi.waitFor(() => expect(files()).toContain("third.zip"));
  expect(scans()).toBeGreaterThan(back);
});

test("a folder that takes the name of the library's is watched", async () => {
  const { watch, folder, files, scans } = await watched();
  watch.start();
  await vi.waitFor(() => expect(scans()).toBe(1));
  await mkdir(`${folder}-new`);
  await rename(folder, `${folder}-old`);
  await rename(`${folder}-new`, folder);
  await vi.waitFor(() => expect(scans()).toBeGreaterThan(1));
  await writeFile(path.join(folder, "late.zip"), cbz("late"));
  await vi.waitFor(() => expect(files()).toEqual(["late.zip"]));
});

test("a failed scan is logged, and the next one runs", async () => {
  let fails = true;
  const { watch, folder, lines } = await watched({
    scan: async () => {
      if (fails) throw new Error("the disk is away");
      return { folders: [folder], unsettled: false };
    },
    everyMs: 30,
  });
  watch.start();
  await vi.waitFor(() => expect(lines.length).toBeGreaterThan(1));
  expect(lines[0]?.msg).toBe("the library could not be scanned");
  fails = false;
});

test("with an interval of 0 the folder is scanned at the start only", async () => {
  const [once, control] = [await watched({ everyMs: 0 }), await watched()];
  for (const { watch, scans } of [once, control]) {
    watch.start();
    await vi.waitFor(() => expect(scans()).toBe(1));
  }
  for (const { folder } of [once, control]) await writeFile(path.join(folder, "late.zip"), cbz("late"));
  await vi.waitFor(() => expect(control.files()).toEqual(["late.zip"]));
  expect(once.files()).toEqual([]);
  expect(once.scans()).toBe(1);
});

test("a stop waits for the running scan and begins no other", async () => {
  let running = false;
  const { watch } = await watched({
    scan: async (signal) => {
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

test("a folder that another server scans is watched meanwhile and scanned after it", async () => {
  const { folder, library, list } = await watched();
  let elsewhere = false;
  const scans: string[] = [];
  const scan: LibraryWatchDeps["scan"] = async (signal, reading) => {
    if (elsewhere) scans.push("elsewhere");
    if (elsewhere) return ELSEWHERE;
    const { folders, unsettled } = await library.sync({ signal, settleMs, reading });
    scans.push("here");
    return { folders, unsettled: unsettled.length > 0 };
  };
  const watch = createLibraryWatch({ scan, settleMs, everyMs: 3_600_000, log: pino({ level: "silent" }) });
  onTestFinished(() => watch.stop());
  watch.start();
  await vi.waitFor(() => expect(scans).toEqual(["here"]));
  elsewhere = true;
  await writeFile(path.join(folder, "a.zip"), cbz("a"));
  await vi.waitFor(() => expect(scans).toContain("elsewhere"));
  elsewhere = false;
  await vi.waitFor(async () => expect(await list()).toEqual(["a.zip"]));
});
