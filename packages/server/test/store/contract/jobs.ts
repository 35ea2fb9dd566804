import { expect, test } from "vitest";
import { fresh, NOW, type OpenStore, upTo } from "./open.ts";

const job = (priority = 0) => ({
  actor: { kind: "cli", key: "api-key" } as const,
  task: "install_plugin",
  args: ["copytags", null, { deep: [1] }],
  priority,
  notes: {},
});

export const jobContract = (open: OpenStore): void => {
  test("a job is read back as it was made", async () => {
    const { store, reopen } = await fresh(open);
    const made = await store.jobs.create({ ...job(3), notes: { step: "wait ⏳" } }, NOW + 0.25);
    expect(made).toEqual({
      id: expect.any(Number),
      ...job(3),
      notes: { step: "wait ⏳" },
      state: "inactive",
      error: null,
      result: null,
      attempts: 1,
      retries: 0,
      created: NOW + 0.25,
      started: null,
      finished: null,
    });
    expect(await (await reopen()).jobs.get(made.id)).toEqual(made);
  });

  test("ids grow, and are not given again after their job is removed", async () => {
    const { store, reopen } = await fresh(open);
    const made = await Promise.all(upTo(100).map(() => store.jobs.create(job(), NOW)));
    const ids = made.map((j) => j.id);
    expect(ids).toEqual([...ids].sort((a, b) => a - b));
    expect(new Set(ids).size).toBe(100);
    const last = Math.max(...ids);
    await store.jobs.update(last, { state: "finished", finished: NOW });
    await store.jobs.prune(NOW + 1);
    expect(await store.jobs.get(last)).toBeUndefined();
    expect((await (await reopen()).jobs.create(job(), NOW)).id).toBeGreaterThan(last);
  });

  test("of several jobs with one key, one is made, until it is pruned", async () => {
    const { store, reopen } = await fresh(open);
    const { jobs } = store;
    const made = await Promise.all(upTo(20).map(() => jobs.createOnce(job(3), "schedule 1 at 5", NOW)));
    const [first] = made.filter(({ isNew }) => isNew);
    expect(made.filter(({ isNew }) => isNew)).toHaveLength(1);
    expect(new Set(made.map((one) => one.job.id)).size).toBe(1);
    expect(first?.job).toMatchObject({ ...job(3), once: "schedule 1 at 5", state: "inactive" });
    const { job: other, isNew } = await jobs.createOnce(job(), "schedule 1 at 6", NOW);
    expect([isNew, (await jobs.list({}, 1, 9)).total]).toEqual([true, 2]);

    const id = first?.job.id ?? 0;
    await jobs.update(id, { state: "finished", result: 1, finished: NOW + 1 });
    const { jobs: reopened } = await reopen();
    const again = await reopened.createOnce(job(), "schedule 1 at 5", NOW + 2);
    expect(again).toEqual({ isNew: false, job: await reopened.get(id) });
    expect(again.job).toMatchObject({ once: "schedule 1 at 5", state: "finished" });
    await reopened.prune(NOW + 2);
    const later = await reopened.createOnce(job(), "schedule 1 at 5", NOW + 3);
    expect([later.isNew, later.job.id > other.id]).toEqual([true, true]);
  });

  test("an update changes the fields that it names and returns the job; null and false are values", async () => {
    const { store } = await fresh(open);
    const { id } = await store.jobs.create(job(), NOW);
    const begun = await store.jobs.update(id, { state: "active", started: NOW + 0.5, notes: { a: "1" } });
    expect(begun).toEqual(await store.jobs.get(id));
    expect(begun).toMatchObject({
      state: "active",
      started: NOW + 0.5,
      notes: { a: "1" },
    });
    const waiting = await store.jobs.update(id, {
      state: "inactive",
      started: null,
      retries: 1,
      attempts: 2,
    });
    expect(waiting).toEqual(await store.jobs.get(id));
    expect(waiting).toMatchObject({
      started: null,
      retries: 1,
      attempts: 2,
      notes: { a: "1" },
    });
    const ended = await store.jobs.update(id, {
      state: "finished",
      result: { success: 1, data: [false] },
      finished: NOW + 2,
    });
    expect(ended).toEqual(await store.jobs.get(id));
    expect(ended).toMatchObject({
      result: { success: 1, data: [false] },
      finished: NOW + 2,
      error: null,
    });
  });

  test("a job that has ended stays as it is, and an unknown one is not created", async () => {
    const { store } = await fresh(open);
    const { id } = await store.jobs.create(job(), NOW);
    await store.jobs.update(id, { state: "failed", error: "cancelled", finished: NOW });
    const ended = await store.jobs.get(id);
    expect(await store.jobs.update(id, { state: "active", notes: { late: "1" } })).toBeUndefined();
    expect(await store.jobs.get(id)).toEqual(ended);
    expect(await store.jobs.update(id + 1, { state: "active" })).toBeUndefined();
    expect(await store.jobs.get(id + 1)).toBeUndefined();
  });

  test("of a hundred endings at once, one counts", async () => {
    const { store } = await fresh(open);
    const { id } = await store.jobs.create(job(), NOW);
    const ends = await Promise.all(
      upTo(100).map((i) => store.jobs.update(id, { state: "finished", result: i, finished: NOW })),
    );
    expect(ends.filter(Boolean)).toHaveLength(1);
    expect(await store.jobs.get(id)).toEqual(ends.find(Boolean));
    expect((await store.jobs.get(id))?.result).toBe(ends.findIndex(Boolean));
  });

  test("the list is newest first, by pages and by state", async () => {
    const { store } = await fresh(open);
    const ids: number[] = [];
    for (const _ of upTo(5)) ids.unshift((await store.jobs.create(job(), NOW)).id);
    await store.jobs.update(ids[1] ?? 0, { state: "active" });
    const page = async (number: number) => {
      const { total, items } = await store.jobs.list({}, number, 2);
      return [total, ...items.map((j) => j.id)];
    };
    expect(await page(1)).toEqual([5, ids[0], ids[1]]);
    expect(await page(3)).toEqual([5, ids[4]]);
    expect(await page(4)).toEqual([5]);
    const active = await store.jobs.list({ state: "active" }, 1, 10);
    expect([active.total, active.items.map((j) => j.id)]).toEqual([1, [ids[1]]]);
  });

  test("jobs in given states are ordered by priority, then oldest first", async () => {
    const { store } = await fresh(open);
    const made = [];
    for (const priority of [0, 5, 0, 5, 9]) made.push((await store.jobs.create(job(priority), NOW)).id);
    await store.jobs.update(made[2] ?? 0, { state: "active" });
    await store.jobs.update(made[4] ?? 0, { state: "finished", finished: NOW });
    const ids = async (...states: ("active" | "inactive")[]) =>
      (await store.jobs.inStates(...states)).map((j) => j.id);
    expect(await ids("active", "inactive")).toEqual([made[1], made[3], made[0], made[2]]);
    expect(await ids("active")).toEqual([made[2]]);
  });

  test("only jobs that ended before the time are removed", async () => {
    const { store } = await fresh(open);
    const ids: number[] = [];
    for (const _ of upTo(3)) ids.push((await store.jobs.create(job(), 5)).id);
    await store.jobs.update(ids[0] ?? 0, { state: "finished", finished: NOW });
    await store.jobs.update(ids[1] ?? 0, { state: "failed", finished: NOW + 10 });
    await store.jobs.prune(NOW + 10);
    expect((await store.jobs.list({}, 1, 10)).items.map((j) => j.id)).toEqual([ids[2], ids[1]]);
  });
};
