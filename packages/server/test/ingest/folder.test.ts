import { mkdir, utimes, writeFile } from "node:fs/promises";
import path from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { createFolderIngest } from "../../src/ingest/folder.ts";
import { ELSEWHERE } from "../../src/ingest/watch.ts";
import { createEnqueue } from "../../src/tasks/enqueue.ts";
import { cbz } from "../library/cbz.ts";
import { openPlugins } from "../plugins/open-plugins.ts";
import { pluginSource } from "../plugins/plugin-source.ts";

/** A library's folder, its intake, and the jobs that it queues. */
const openIntake = async (settleMs = 0) => {
  const opened = await openPlugins();
  await opened.sideload(pluginSource({ namespace: "tag", type: "metadata" }, "return { tags: ['x'] };"));
  const folder = path.join(opened.root, "library");
  await mkdir(folder, { recursive: true });
  const queued: [string, unknown[]][] = [];
  const jobs = { enqueue: async (task: string, args: unknown[]) => queued.push([task, args]) };
  const { plugins, log, store, library } = opened;
  const services = { log, store, enqueue: createEnqueue({ plugins, jobs }) };
  const read = createFolderIngest(services, library, settleMs);
  const put = (name: string, bytes: Buffer | string = cbz(name)) => writeFile(path.join(folder, name), bytes);
  const stop = new AbortController();
  onTestFinished(() => stop.abort());
  /** The same on a second server. */
  const readElsewhere = () => createFolderIngest(services, library, settleMs)(stop.signal);
  return { ...opened, folder, queued, put, jobs, read: () => read(stop.signal), readElsewhere };
};

test("one new archive has a job of its own, many are one batch", async () => {
  const { plugins, library, queued, put, read } = await openIntake();
  await put("unseen.zip");
  await read();
  expect(queued).toEqual([]);
  await plugins.configure("tag", { enabled: true });
  await put("one.zip");
  await read();
  await put("two.zip");
  await put("three.zip");
  await read();
  const id = async (file: string) => (await library.list()).find((a) => a.file === file)?.id;
  expect(queued).toEqual([
    ["run_enabled_plugins", [await id("one.zip")]],
    ["run_batch", [null, expect.arrayContaining([await id("two.zip"), await id("three.zip")]), null]],
  ]);
  await read();
  expect(queued).toHaveLength(2);
});

test("a file that was just written waits; one whose clock is ahead does not wait for ever", async () => {
  const { folder, put, read, library } = await openIntake(60_000);
  await put("fresh.zip");
  await put("ahead.zip");
  await utimes(path.join(folder, "ahead.zip"), new Date(), new Date(Date.now() + 3_600_000));
  expect(await read()).toMatchObject({ unsettled: true });
  expect((await library.list()).map(({ file }) => file)).toEqual(["ahead.zip"]);
  await utimes(path.join(folder, "fresh.zip"), new Date(), new Date(Date.now() - 61_000));
  expect(await read()).toMatchObject({ unsettled: false, folders: [folder] });
  expect(await library.count()).toBe(2);
});

test("a file that is passed by is told once, until it changes", async () => {
  const { lines, put, read } = await openIntake();
  const told = () => lines.filter(({ msg }) => msg === "not taken into the library").length;
  await put("broken.zip", "no zip");
  await read();
  await read();
  await vi.waitFor(() => expect(told()).toBe(1));
  await put("broken.zip", cbz("mended"));
  await read();
  expect(told()).toBe(1);
});

test("of several servers one reads at a time, and a new archive is queued once", async () => {
  const { plugins, queued, put, read, readElsewhere } = await openIntake();
  await plugins.configure("tag", { enabled: true });
  for (const name of ["one.zip", "two.zip", "three.zip"]) await put(name);
  const outcomes = await Promise.all([read(), readElsewhere(), readElsewhere()]);
  expect(outcomes.filter((outcome) => outcome === ELSEWHERE)).toHaveLength(2);
  await readElsewhere();
  expect(queued).toHaveLength(1);
});

test("what a process took in that died before it queued the plugins is queued by the next, once", async () => {
  const { plugins, library, queued, put, read, readElsewhere, jobs } = await openIntake();
  await plugins.configure("tag", { enabled: true });
  await put("one.zip");
  const { enqueue } = jobs;
  jobs.enqueue = async () => {
    throw new Error("the process dies here");
  };
  await expect(read()).rejects.toThrow("dies");
  jobs.enqueue = enqueue;
  expect(await library.count()).toBe(1);
  await readElsewhere();
  const [{ id } = { id: "" }] = await library.list();
  expect(queued).toEqual([["run_enabled_plugins", [id]]]);
  await read();
  expect(queued).toHaveLength(1);
});
