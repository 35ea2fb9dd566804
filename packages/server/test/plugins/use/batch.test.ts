import { type BatchItem, batchOutcomes, toNamespace } from "@hitagi/contract";
import { describe, expect, test, vi } from "vitest";
import type { UseRequest } from "../../../src/plugins/types.ts";
import { createArchiveEdits } from "../../../src/plugins/use/archive-edits.ts";
import { createBatches } from "../../../src/plugins/use/batch.ts";
import { type OpenPlugins, openPlugins } from "../open-plugins.ts";
import { echo, pluginSource } from "../plugin-source.ts";

const tagger = (namespace: string, body: string, cooldown = 0) =>
  pluginSource({ namespace: toNamespace(namespace), type: "metadata", cooldown }, body);
const everything = { plugin: "tag", archives: undefined } as const;
const none = Object.fromEntries(batchOutcomes.map((outcome) => [outcome, 0]));

/** A server with archives `0`, `1`, … and a batch job over them. */
const openBatch = async (sources: string[], count: number) => {
  const opened = await openPlugins();
  await opened.sideload(...sources);
  const ids: string[] = [];
  for (let n = 0; n < count; n++) ids.push((await opened.addArchive(`${n}`, "old")).id);
  const job = async () =>
    (
      await opened.store.jobs.create(
        { task: "run_batch", args: [], actor: { kind: "server", key: null }, priority: 0, notes: {} },
        1,
      )
    ).id;
  return { ...opened, ids, job: await job(), newJob: job };
};

const items = async ({ plugins }: OpenPlugins, job: number): Promise<BatchItem[]> =>
  (await plugins.batches.report(job, undefined, 1, 200)).items;

describe("a batch", () => {
  test("runs a plugin over all archives, writes its findings, and reports each archive", async () => {
    const world = await openBatch(
      [
        tagger(
          "tag",
          'if (ctx.archive.title === "1") throw new Error("no page"); return { tags: ["n:" + ctx.archive.title, ctx.arg], title: "T" + ctx.archive.title };',
        ),
      ],
      4,
    );
    await world.library.update(world.ids[2] ?? "", { title: "T2", tags: "old, n:T2, x" });
    const steps: number[] = [];
    const counts = await world.plugins.batches.run(
      world.job,
      { ...everything, arg: "x" },
      { onProgress: (done, total) => void steps.push(done, total) },
    );
    expect(counts).toEqual({ ...none, changed: 3, failed: 1 });
    expect(await world.library.get(world.ids[0] ?? "")).toMatchObject({ title: "T0", tags: "old, n:0, x" });
    const byArchive = Object.fromEntries((await items(world, world.job)).map((one) => [one.archive, one]));
    expect(byArchive[world.ids[0] ?? ""]).toEqual({
      archive: world.ids[0],
      file: "0.cbz",
      title: "0",
      outcome: "changed",
      before: { title: "0", tags: "old", summary: "" },
      after: { title: "T0", tags: "old, n:0, x", summary: "" },
      errors: [],
    });
    expect(byArchive[world.ids[1] ?? ""]).toMatchObject({
      outcome: "failed",
      before: null,
      errors: [{ plugin: "tag", code: "PLUGIN_FAILED", message: expect.stringContaining("no page") }],
    });
    expect(steps.slice(0, 2)).toEqual([0, 4]);
    expect(steps.slice(-2)).toEqual([4, 4]);
  });

  test("that its owner pauses ends the archives that it is at, and keeps its place", async () => {
    const world = await openBatch([tagger("tag", 'return { tags: ["new"] };')], 20);
    let done = 0;
    const paused = await world.plugins.batches.run(world.job, everything, {
      onProgress: (now) => (done = now),
      isPaused: () => done >= 3,
    });
    expect(paused).toEqual({ until: undefined });
    const { changed, pending } = await world.plugins.batches.counts(world.job);
    expect([changed, pending]).toEqual([done, 0]);
    expect(done).toBeLessThan(20);
    const calls: number[] = [];
    await world.plugins.batches.run(world.job, everything, { onProgress: (now) => void calls.push(now) });
    expect([calls[0], calls.at(-1)]).toEqual([done, 20]);
    expect(await world.plugins.batches.counts(world.job)).toEqual({ ...none, changed: 20 });
  });

  test("without a plugin runs all enabled plugins in their order over the named archives", async () => {
    const append = (name: string) => tagger(name, `return { title: ctx.archive.title + ">${name}" };`);
    const world = await openBatch([append("a"), append("b"), append("off")], 2);
    await world.plugins.configure("a", { enabled: true, priority: 2 });
    await world.plugins.configure("b", { enabled: true, priority: 1 });
    const [first = "", second = ""] = world.ids;
    const request = { plugin: undefined, archives: [first, first, "0".repeat(40)] };
    expect(await world.plugins.batches.run(world.job, request)).toEqual({ ...none, changed: 1, failed: 1 });
    expect((await world.library.get(first)).title).toBe("0>b>a");
    expect((await world.library.get(second)).title).toBe("1");
    expect((await items(world, world.job)).find((one) => one.archive === first)).toMatchObject({
      before: { title: "0" },
      after: { title: "0>b>a" },
    });
  });

  test("of an unknown plugin, or of a plugin of another type, is refused", async () => {
    const { plugins, job } = await openBatch([echo()], 0);
    const check = (plugin: string) => () =>
      plugins.batches.check({ plugin: toNamespace(plugin), archives: undefined });
    expect(check("unknown")).toThrow(expect.objectContaining({ code: "PLUGIN_NOT_FOUND" }));
    expect(check("echo")).toThrow(expect.objectContaining({ code: "PLUGIN_NOT_METADATA" }));
    await expect(plugins.batches.run(job, { plugin: "echo", archives: [] })).rejects.toMatchObject({
      code: "PLUGIN_NOT_METADATA",
    });
  });

  test("tells apart what was found already, what was not found, and what failed though another plugin changed it", async () => {
    const world = await openBatch(
      [
        tagger(
          "a",
          'return ctx.archive.title === "0" ? { tags: ["old"] } : ctx.archive.title === "1" ? {} : { tags: ["new"] };',
        ),
        tagger("b", 'if (ctx.archive.title === "2") throw new Error("no page"); return {};'),
      ],
      4,
    );
    for (const plugin of ["a", "b"]) await world.plugins.configure(toNamespace(plugin), { enabled: true });
    const all = { plugin: undefined, archives: undefined };
    expect(await world.plugins.batches.run(world.job, all)).toEqual({
      ...none,
      ...{ unchanged: 1, nothing_found: 1, failed: 1, changed: 1 },
    });
    const { archives, groups } = await world.plugins.batches.failures(world.job);
    expect(archives).toEqual([world.ids[2]]);
    expect(groups).toMatchObject([{ plugin: "b", code: "PLUGIN_FAILED", count: 1, archives: ["2.cbz"] }]);
    expect(await world.plugins.batches.undo(world.job)).toMatchObject({ undone: 2, failed: 0, restored: 2 });
    for (const { tags } of await world.library.list()) expect(tags).toBe("old");
  });

  test("of all archives skips one that is gone since it began, and one that names it fails", async () => {
    const world = await openBatch([tagger("tag", 'return { tags: ["seen"] };')], 2);
    const [first = "", second = ""] = world.ids;
    const library = {
      get: world.library.get,
      list: world.library.list,
      ids: async () => {
        const ids = await world.library.ids({});
        await world.store.archives.delete(first);
        return ids;
      },
    };
    const use = async (request: UseRequest) => ({
      result: { type: "metadata" as const, data: (await world.plugins.use(request)).data },
      permit: () => ({ findings: { tags: ["seen"] }, heldBack: [] }),
      found: true,
    });
    const { active, log, store } = world;
    const edit = createArchiveEdits(world.library);
    const batches = createBatches({
      ...{ active, library, store: store.batches, log, edit, use },
      readSteps: async () => [],
      readers: { all: () => [], of: async () => [] },
      policy: { tagRewriter: async () => undefined },
    });
    expect(await batches.run(world.job, everything)).toEqual({ ...none, skipped: 1, changed: 1 });
    const named = { plugin: toNamespace("tag"), archives: [first, second] };
    expect(await batches.run(await world.newJob(), named)).toEqual({ ...none, failed: 1, unchanged: 1 });
  });

  test("without an enabled plugin is refused, and says how to enable one", async () => {
    const { plugins, job } = await openBatch([tagger("tag", "return {};")], 1);
    const all = { plugin: undefined, archives: undefined };
    expect(() => plugins.batches.check(all)).toThrow(
      expect.objectContaining({ code: "NOTHING_ENABLED", hint: expect.stringContaining("hitagi enable") }),
    );
    await expect(plugins.batches.run(job, all)).rejects.toMatchObject({ code: "NOTHING_ENABLED" });
  });

  test("stops when cancelled, and continues with the remaining archives when run again", async () => {
    const world = await openBatch([tagger("tag", 'return { tags: ["seen"] };')], 30);
    const cancel = new AbortController();
    const running = world.plugins.batches.run(world.job, everything, {
      signal: cancel.signal,
      onProgress: (done) => done === 5 && cancel.abort(),
    });
    await expect(running).rejects.toThrow();
    const { counts } = await world.plugins.batches.report(world.job, undefined, 1, 1);
    expect(counts.changed).toBeGreaterThanOrEqual(5);
    expect(counts.changed).toBeLessThan(30);
    const seen: number[] = [];
    await world.plugins.batches.run(world.job, everything, { onProgress: (done) => void seen.push(done) });
    expect(seen[0]).toBe(counts.changed + counts.unchanged);
    const all = await items(world, world.job);
    expect(new Set(all.map(({ archive }) => archive)).size).toBe(30);
    expect(all.every(({ outcome }) => outcome === "changed" || outcome === "unchanged")).toBe(true);
    for (const { tags } of await world.library.list()) expect(tags).toBe("old, seen");
  });

  test("that was killed between journal entry and write makes that change exactly once when it continues", async () => {
    const world = await openBatch([tagger("tag", 'return { tags: ["seen"] };')], 1);
    const [id = ""] = world.ids;
    const before = { title: "0", tags: "old", summary: "" };
    const after = { title: "Noted", tags: "old, noted", summary: "" };
    await world.store.batches.put(world.job, { archive: id, outcome: "pending", before, after, errors: [] });
    expect(await world.plugins.batches.run(world.job, everything)).toEqual({ ...none, changed: 1 });
    expect(await world.library.get(id)).toMatchObject({ title: "Noted", tags: "old, noted, seen" });
    expect(await world.plugins.batches.undo(world.job)).toEqual({ ...none, undone: 1, restored: 1 });
    expect(await world.library.get(id)).toMatchObject(before);
  });

  test("ends when its plugin can no longer run, and gives the reason", async () => {
    const world = await openBatch([tagger("tag", "return {};")], 20);
    const running = world.plugins.batches.run(world.job, everything, {
      onProgress: (done) => {
        if (done !== 3) return;
        world.active.patch("tag", { health: { state: "quarantined", reason: "it keeps crashing" } });
      },
    });
    await expect(running).rejects.toMatchObject({ code: "PLUGIN_QUARANTINED" });
    expect((await items(world, world.job)).length).toBeLessThan(20);
  });

  test("of a plugin with a cooldown has one call in flight, so that other callers are served too", async () => {
    const { active, library, store, log, ids, job } = await openBatch([tagger("tag", "return {};", 1)], 6);
    let [now, most] = [0, 0];
    const batches = createBatches({
      active,
      library,
      readSteps: async () => [],
      readers: { all: () => [], of: async () => [] },
      policy: { tagRewriter: async () => undefined },
      store: store.batches,
      log,
      edit: createArchiveEdits(library),
      use: async () => {
        most = Math.max(most, ++now);
        await new Promise(setImmediate);
        now--;
        return {
          result: { type: "metadata", data: {} },
          permit: () => ({ findings: { tags: [] }, heldBack: [] }),
          found: false,
        };
      },
    });
    expect(await batches.run(job, { plugin: "tag", archives: ids })).toMatchObject({ nothing_found: 6 });
    expect(most).toBe(1);
  });
});

describe("a batch under the field policy", () => {
  test("reports what was held back, and its undo reverts what was written", async () => {
    const world = await openBatch([tagger("tag", 'return { tags: "artist:a, b", title: "New" };')], 2);
    const [first = "", second = ""] = world.ids;
    await world.library.update(first, { title: "Mine" });
    await world.policy.changeFields([
      { plugin: null, field: "title", rule: "if-empty" },
      { plugin: "tag", field: "tags", rule: "never" },
    ]);
    expect(await world.plugins.batches.run(world.job, everything)).toEqual({
      ...none,
      changed: 1,
      held_back: 1,
    });
    const byArchive = new Map((await items(world, world.job)).map((one) => [one.archive, one]));
    expect(byArchive.get(first)?.heldBack?.map(({ field, rule }) => [field, rule])).toEqual([
      ["title", "if-empty"],
      ["tags:artist", "never"],
      ["tags:", "never"],
    ]);
    expect(byArchive.get(second)?.heldBack?.map(({ field }) => field)).toEqual(["tags:artist", "tags:"]);
    expect(await world.library.get(second)).toMatchObject({ title: "New", tags: "old" });
    await world.plugins.batches.undo(world.job);
    expect(await world.library.get(second)).toMatchObject({ title: "1", tags: "old" });
    expect(await world.library.get(first)).toMatchObject({ title: "Mine", tags: "old" });
  });
});

describe("the undo of a batch", () => {
  test("reverts all of its changes, and keeps later changes by others", async () => {
    const world = await openBatch(
      [tagger("tag", 'return { tags: ["found"], title: "Found", summary: "s" };')],
      250,
    );
    const [mine = "", gone = "", tagged = ""] = world.ids;
    await world.plugins.batches.run(world.job, everything);
    await world.library.update(mine, { title: "Mine" });
    await world.library.update(tagged, { tags: "found, later" });
    await world.library.delete(gone);
    expect(await world.plugins.batches.undo(world.job)).toEqual({
      ...none,
      undone: 248,
      kept: 2,
      restored: 248,
    });
    expect(await world.library.get(mine)).toMatchObject({ title: "Mine", tags: "old", summary: "" });
    expect(await world.library.get(tagged)).toMatchObject({ title: "2", tags: "later", summary: "" });
    const kept = await world.plugins.batches.report(world.job, "kept", 1, 10);
    expect(kept.items.map(({ archive }) => archive).sort()).toEqual([mine, gone].sort());
    expect(kept.items.find(({ archive }) => archive === gone)?.errors).toMatchObject([
      { plugin: null, code: "ARCHIVE_NOT_FOUND" },
    ]);
    expect(kept.items.find(({ archive }) => archive === mine)?.errors).toMatchObject([
      { plugin: null, code: "ARCHIVE_CHANGED_SINCE", message: "Its title changed after the batch." },
    ]);
    expect(await world.plugins.batches.undo(world.job)).toEqual({
      ...none,
      undone: 248,
      kept: 2,
      restored: 0,
    });
  });

  test("of two batches restores the original state, in either order", async () => {
    const sources = ["one", "two"].map((n) =>
      tagger(n, `return { tags: ["${n}"], title: "${n} of " + ctx.archive.title };`),
    );
    for (const order of [
      [1, 0],
      [0, 1, 0],
    ]) {
      const world = await openBatch(sources, 8);
      const jobs = [world.job, await world.newJob()];
      for (const [n, plugin] of ["one", "two"].entries()) {
        await world.plugins.batches.run(jobs[n] ?? 0, { plugin: toNamespace(plugin), archives: undefined });
      }
      expect(await world.library.get(world.ids[7] ?? "")).toMatchObject({ title: "two of one of 7" });
      for (const n of order) await world.plugins.batches.undo(jobs[n] ?? 0);
      const left = (await world.library.list()).map(({ title, tags }) => `${title}: ${tags}`).sort();
      expect(left).toEqual(world.ids.map((_, n) => `${n}: old`).sort());
      for (const job of jobs) {
        expect((await world.plugins.batches.report(job, undefined, 1, 1)).counts).toEqual({
          ...none,
          undone: 8,
        });
      }
    }
  });

  test("retries every kept change, however many there are", async () => {
    const world = await openBatch([], 3);
    const before = { title: "was", tags: "", summary: "" };
    const after = { ...before, tags: "old" };
    for (let n = 0; n < 601; n++) {
      const archive = (n % 300 === 0 && world.ids[n / 300]) || `gone ${n}`;
      await world.store.batches.put(world.job, { archive, outcome: "kept", before, after, errors: [] });
    }
    expect(await world.plugins.batches.undo(world.job)).toEqual({
      ...none,
      undone: 3,
      kept: 598,
      restored: 3,
    });
    expect((await world.library.list()).map(({ tags }) => tags)).toEqual(["", "", ""]);
  });

  test("retries an archive whose file was missing", async () => {
    const world = await openBatch([tagger("tag", 'return { tags: ["found"] };')], 1);
    await world.plugins.batches.run(world.job, everything);
    const [id = ""] = world.ids;
    const archive = await world.store.archives.get(id);
    if (archive === undefined) throw new Error("it was added");
    await world.store.archives.delete(id);
    for (let n = 0; n < 2; n++) await world.plugins.batches.undo(world.job);
    expect(await items(world, world.job)).toMatchObject([{ outcome: "kept", errors: { length: 1 } }]);
    await world.store.archives.add(archive);
    await world.plugins.batches.undo(world.job);
    expect(await items(world, world.job)).toMatchObject([{ outcome: "undone", errors: [] }]);
    expect(await world.library.get(id)).toMatchObject({ tags: "old" });
  });

  test("continues after it was cancelled", async () => {
    const world = await openBatch([tagger("tag", 'return { tags: ["found"] };')], 12);
    await world.plugins.batches.run(world.job, everything);
    const cancel = new AbortController();
    const undoing = world.plugins.batches.undo(world.job, {
      signal: cancel.signal,
      onProgress: (done) => done === 4 && cancel.abort(),
    });
    await expect(undoing).rejects.toThrow();
    expect((await world.plugins.batches.report(world.job, undefined, 1, 1)).counts.undone).toBe(4);
    await world.plugins.batches.undo(world.job);
    await vi.waitFor(async () => {
      for (const { tags } of await world.library.list()) expect(tags).toBe("old");
    });
  });
});
