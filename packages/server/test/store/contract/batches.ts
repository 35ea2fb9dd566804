import { type BatchItem, batchOutcomes } from "@hitagi/contract";
import { expect, test } from "vitest";
import { fresh, NOW, type OpenStore, upTo } from "./open.ts";

const texts = (title: string) => ({ title, tags: "漫画, b", summary: "" });

const item = (archive: string, outcome: BatchItem["outcome"], more: Partial<BatchItem> = {}): BatchItem => ({
  archive,
  outcome,
  before: null,
  after: null,
  errors: [],
  ...more,
});

const none = Object.fromEntries(batchOutcomes.map((outcome) => [outcome, 0]));

const withJob = async (open: OpenStore) => {
  const { store, reopen } = await fresh(open);
  const create = async () =>
    (
      await store.jobs.create(
        { task: "run_batch", args: [], actor: { kind: "server", key: null }, priority: 0, notes: {} },
        NOW,
      )
    ).id;
  return { store, reopen, create, job: await create() };
};

export const batchContract = (open: OpenStore): void => {
  test("a batch without items is empty", async () => {
    const { store, job } = await withJob(open);
    expect(await store.batches.counts(job)).toEqual(none);
    expect(await store.batches.list(job, {}, 1, 50)).toEqual({ total: 0, items: [] });
    expect(await store.batches.ended(job)).toEqual([]);
    expect(await store.batches.get(job, "a")).toBeUndefined();
  });

  test("items are read back in their order, also by a later process, and a change keeps its place", async () => {
    const { store, reopen, job, create } = await withJob(open);
    const changed = item("b", "changed", { before: texts("old"), after: texts("new") });
    const failed = item("c", "failed", { errors: [{ plugin: "p", code: "PLUGIN_FAILED", message: "No ✗" }] });
    await store.batches.put(job, item("b", "pending"));
    await store.batches.put(job, failed);
    await store.batches.put(job, item("a", "pending", { before: texts("x"), after: texts("y") }));
    await store.batches.put(job, changed);
    await store.batches.put(await create(), item("b", "unchanged"));
    const again = await reopen();
    const { total, items } = await again.batches.list(job, {}, 1, 50);
    expect(total).toBe(3);
    expect(items.map(({ archive }) => archive)).toEqual(["b", "c", "a"]);
    expect(items.slice(0, 2)).toEqual([changed, failed]);
    expect(await again.batches.get(job, "b")).toEqual(changed);
    expect(await again.batches.counts(job)).toEqual({ ...none, pending: 1, changed: 1, failed: 1 });
    expect(await again.batches.ended(job)).toEqual(["b", "c"]);
    expect(await again.batches.list(job, { outcome: "failed" }, 1, 50)).toEqual({
      total: 1,
      items: [failed],
    });
  });

  test("long reports come in pages", async () => {
    const { store, job } = await withJob(open);
    for (const n of upTo(25)) await store.batches.put(job, item(`a${n}`, n % 2 ? "changed" : "unchanged"));
    const page = await store.batches.list(job, { outcome: "changed" }, 2, 5);
    expect(page.total).toBe(12);
    expect(page.items.map(({ archive }) => archive)).toEqual(["a11", "a13", "a15", "a17", "a19"]);
  });

  test("it is removed with its job, and cannot be noted without a job", async () => {
    const { store, job } = await withJob(open);
    await store.batches.put(job, item("a", "changed"));
    await store.jobs.update(job, { state: "finished", finished: NOW });
    await store.jobs.prune(NOW + 1);
    expect(await store.batches.counts(job)).toEqual(none);
    await expect(store.batches.put(job, item("a", "changed"))).rejects.toMatchObject({
      code: "JOB_NOT_FOUND",
    });
  });
};
