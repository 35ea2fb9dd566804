import type { HistoryEntry } from "@hitagi/contract";
import { expect, test } from "vitest";
import type { HistoryFilter } from "../../../src/store/types.ts";
import { fresh, NOW, type OpenStore, upTo } from "./open.ts";

type NewEntry = Omit<HistoryEntry, "id">;

const entry = (more: Partial<NewEntry> = {}): NewEntry => ({
  time: NOW + 0.125,
  actor: { kind: "api", key: "api-key" },
  action: "install_plugin",
  subject: { kind: "plugin", id: "copytags" },
  outcome: "ok",
  ms: 12,
  job: 3,
  ...more,
});

export const historyContract = (open: OpenStore): void => {
  test("entries are read back as they were written, newest first, by pages", async () => {
    const { store, reopen } = await fresh(open);
    const written = [
      entry(),
      entry({ actor: { kind: "server", key: null }, subject: null, job: null }),
      entry({ subject: { kind: "setting", id: "käse: 'a\"b' ⏳" }, outcome: "PLUGIN_BUSY" }),
    ];
    for (const one of written) await store.history.add(one);
    const again = await reopen();
    const { total, items } = await again.history.list({}, 1, 2);
    expect(total).toBe(3);
    expect(items.map(({ id: _, ...rest }) => rest)).toEqual([written[2], written[1]]);
    const second = await again.history.list({}, 2, 2);
    expect(second.items.map(({ id: _, ...rest }) => rest)).toEqual([written[0]]);
    expect(items[0]?.id).toBeGreaterThan(items[1]?.id ?? 0);
  });

  test("every field of the filter narrows, alone and together", async () => {
    const { store } = await fresh(open);
    await store.history.add(entry({ action: "a", ms: 1 }));
    await store.history.add(entry({ actor: { kind: "cli", key: "grafana" }, ms: 2 }));
    await store.history.add(entry({ subject: { kind: "registry", id: "copytags" }, ms: 3 }));
    await store.history.add(entry({ subject: { kind: "plugin", id: "other" }, ms: 4 }));
    await store.history.add(entry({ outcome: "NOT_FOUND", ms: 5 }));
    await store.history.add(entry({ time: NOW + 10, ms: 6 }));
    const found = async (filter: HistoryFilter) =>
      (await store.history.list(filter, 1, 50)).items.map((e) => e.ms);
    expect(await found({})).toEqual([6, 5, 4, 3, 2, 1]);
    expect(await found({ action: "a" })).toEqual([1]);
    expect(await found({ actor: "grafana" })).toEqual([2]);
    expect(await found({ actor: "cli" })).toEqual([2]);
    expect(await found({ kind: "registry" })).toEqual([3]);
    expect(await found({ subject: "other" })).toEqual([4]);
    expect(await found({ outcome: "failed" })).toEqual([5]);
    expect(await found({ outcome: "NOT_FOUND" })).toEqual([5]);
    expect(await found({ outcome: "ok", kind: "registry" })).toEqual([3]);
    expect(await found({ since: NOW + 10 })).toEqual([6]);
    expect(await found({ until: NOW + 10, actor: "api-key" })).toEqual([5, 4, 3, 1]);
    expect(await found({ subject: "' OR 1=1 --" })).toEqual([]);
    const ids = (await store.history.list({}, 1, 50)).items.map((e) => e.id);
    expect(await found({ before: ids[2] ?? 0, after: ids[5] ?? 0 })).toEqual([3, 2]);
    expect((await store.history.list({ actor: "cli" }, 1, 1)).total).toBe(1);
  });

  test("what happened to a plugin or an archive is found by subject, details and settings", async () => {
    const { store } = await fresh(open);
    const plugins = [{ namespace: "cleaner", from: null, to: "1.0.0" }];
    await store.history.add(entry({ ms: 1, subject: null, details: { plugins, counts: { ok: 1 } } }));
    await store.history.add(entry({ ms: 2, subject: { kind: "setting", id: "cleaner: word" } }));
    await store.history.add(entry({ ms: 3, subject: { kind: "plugin", id: "other,cleaner" } }));
    await store.history.add(entry({ ms: 4, details: { archive: { id: "abc", title: "käse" } } }));
    await store.history.add(
      entry({ ms: 5, subject: { kind: "archive", id: "abc" }, details: { name: "a" } }),
    );
    const found = async (filter: HistoryFilter) =>
      (await store.history.list(filter, 1, 50)).items.map((e) => e.ms);
    expect(await found({ plugin: "cleaner" })).toEqual([3, 2, 1]);
    expect(await found({ plugin: "clean" })).toEqual([]);
    expect(await found({ archive: "abc" })).toEqual([5, 4]);
    expect((await store.history.list({ archive: "abc" }, 1, 1)).total).toBe(2);
    const [first] = await store.history.next({ plugin: "cleaner" }, 1);
    expect(first?.details).toEqual({ plugins, counts: { ok: 1 } });
  });

  test("an archive's batches and undos are found by their reports", async () => {
    const { store } = await fresh(open);
    const actor = { kind: "server", key: null } as const;
    const { id: job } = await store.jobs.create(
      { task: "run_batch", args: [], actor, priority: 0, notes: {} },
      NOW,
    );
    const report = { before: null, after: null, errors: [] };
    await store.batches.put(job, { archive: "abc", outcome: "changed", ...report });
    await store.batches.put(job, { archive: "def", outcome: "unchanged", ...report });
    await store.history.add(entry({ ms: 1, action: "run_batch", job, subject: null }));
    const undo = { action: "undo_batch", job: job + 1, subject: { kind: "job", id: `${job}` } } as const;
    await store.history.add(entry({ ms: 2, ...undo }));
    const found = async (archive: string) =>
      (await store.history.list({ archive }, 1, 50)).items.map((e) => e.ms);
    expect(await found("abc")).toEqual([1]);
    await store.batches.put(job, { archive: "abc", outcome: "undone", ...report });
    expect(await found("abc")).toEqual([2, 1]);
    expect(await found("def")).toEqual([1]);
    expect(await found("ghi")).toEqual([]);
    const again = { action: "undo_batch", job: job + 2, subject: undo.subject } as const;
    await store.history.add(entry({ ms: 3, ...again }));
    for (const outcome of ["undone", "kept"] as const) {
      await store.batches.put(job, { archive: "abc", outcome, undo: job + 1, ...report });
      expect(await found("abc")).toEqual([2, 1]);
    }
  });

  test("the next entries are oldest first, after an id", async () => {
    const { store } = await fresh(open);
    for (const n of upTo(5)) await store.history.add(entry({ ms: n, outcome: n === 2 ? "X" : "ok" }));
    const first = await store.history.next({ outcome: "ok" }, 2);
    expect(first.map((e) => e.ms)).toEqual([0, 1]);
    const rest = await store.history.next({ outcome: "ok", after: first.at(-1)?.id ?? 0 }, 9);
    expect(rest.map((e) => e.ms)).toEqual([3, 4]);
  });

  test("old entries are removed, then those beyond the limit; ids are not given again", async () => {
    const { store, reopen } = await fresh(open);
    for (const n of upTo(6)) await store.history.add(entry({ ms: n, time: n === 0 ? NOW - 100 : NOW }));
    await store.history.prune(NOW - 10, 50);
    const ms = async () => (await store.history.list({}, 1, 50)).items.map((e) => e.ms);
    expect(await ms()).toEqual([5, 4, 3, 2, 1]);
    await store.history.prune(NOW - 10, 2);
    expect(await ms()).toEqual([5, 4]);
    const last = (await store.history.list({}, 1, 1)).items[0]?.id ?? 0;
    await store.history.prune(NOW + 10, 2);
    const again = await reopen();
    await again.history.add(entry());
    expect((await again.history.list({}, 1, 1)).items[0]?.id).toBeGreaterThan(last);
  });
};
