import { mkdir, utimes, writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { createFolderIngest } from "../../src/ingest/folder.ts";
import { ELSEWHERE } from "../../src/ingest/watch.ts";
import { createEnqueue } from "../../src/tasks/enqueue.ts";
import { cbz } from "../library/cbz.ts";
import { openPlugins } from "../plugins/open-plugins.ts";
import { pluginSource } from "../plugins/plugin-source.ts";

/** A library's folder, its scan, and the jobs that it queues. */
const openIngest = async (settleMs = 0) => {
  const opened = await openPlugins();
  await opened.sideload(pluginSource({ namespace: "tag", type: "metadata" }, "return { tags: ['x'] };"));
  const folder = path.join(opened.root, "library");
  await mkdir(folder, { recursive: true });
  const queued: [string, unknown[]][] = [];
  const jobs = { enqueue: async (task: string, args: unknown[]) => queued.push([task, args]) };
  const { plugins, log, store, library } = opened;
  const services = { log, store, enqueue: createEnqueue({ plugins, jobs }) };
  const scan = createFolderIngest(services, library, settleMs);
  const put = (name: string, bytes: Buffer | string = cbz(name)) => writeFile(path.join(folder, name), bytes);
  const stop = new AbortController();
  onTestFinished(() => stop.abort());
  /** The same on a second server. */
  const scanElsewhere = () => createFolderIngest(services, library, settleMs)(stop.signal, () => {});
  return { ...opened, folder, queued, put, jobs, scan: () => scan(stop.signal, () => {}), scanElsewhere };
};

test("one new archive gets a job, several get one batch", async () => {
  const { plugins, library, queued, put, scan } = await openIngest();
  await put("unseen.zip");
  await scan();
  expect(queued).toEqual([]);
  await plugins.configure("tag", { enabled: true });
  await put("one.zip");
  await scan();
  await put("two.zip");
  await put("three.zip");
  await scan();
  const id = async (file: string) => (await library.list()).find((a) => a.file === file)?.id;
  expect(queued).toEqual([
    ["run_enabled_plugins", [await id("one.zip")]],
    ["run_batch", [null, expect.arrayContaining([await id("two.zip"), await id("three.zip")]), null]],
  ]);
  await scan();
  expect(queued).toHaveLength(2);
});

test("a file that was just written waits; a file with a time in the future does not", async () => {
  const { folder, put, scan, library } = await openIngest(60_000);
  await put("fresh.zip");
  await put("ahead.zip");
  await utimes(path.join(folder, "ahead.zip"), new Date(), new Date(Date.now() + 3_600_000));
  expect(await scan()).toMatchObject({ unsettled: true });
  expect((await library.list()).map(({ file }) => file)).toEqual(["ahead.zip"]);
  await utimes(path.join(folder, "fresh.zip"), new Date(), new Date(Date.now() - 61_000));
  expect(await scan()).toMatchObject({ unsettled: false, folders: [folder] });
  expect(await library.count()).toBe(2);
});

test("a skipped file is logged once", async () => {
  const { lines, put, scan } = await openIngest();
  const reported = () => lines.filter(({ msg }) => msg === "a file was not added to the library").length;
  await put("broken.zip", "no zip");
  await scan();
  await scan();
  await vi.waitFor(() => expect(reported()).toBe(1));
  await put("broken.zip", cbz("mended"));
  await scan();
  expect(reported()).toBe(1);
});

test("of several servers one scans at a time, and a new archive is queued once", async () => {
  const { plugins, queued, put, scan, scanElsewhere } = await openIngest();
  await plugins.configure("tag", { enabled: true });
  for (const name of ["one.zip", "two.zip", "three.zip"]) await put(name);
  const outcomes = await Promise.all([scan(), scanElsewhere(), scanElsewhere()]);
  expect(outcomes.filter((outcome) => outcome === ELSEWHERE)).toHaveLength(2);
  await scanElsewhere();
  expect(queued).toHaveLength(1);
});

test("archives of a process that died before it queued the plugins are queued by the next one, once", async () => {
  const { plugins, library, queued, put, scan, scanElsewhere, jobs } = await openIngest();
  await plugins.configure("tag", { enabled: true });
  await put("one.zip");
  const { enqueue } = jobs;
  jobs.enqueue = async () => {
    throw new Error("the process dies here");
  };
  await expect(scan()).rejects.toThrow("dies");
  jobs.enqueue = enqueue;
  expect(await library.count()).toBe(1);
  await scanElsewhere();
  const [{ id } = { id: "" }] = await library.list();
  expect(queued).toEqual([["run_enabled_plugins", [id]]]);
  await scan();
  expect(queued).toHaveLength(1);
});
