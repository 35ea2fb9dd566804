import { expect, test, vi } from "vitest";
import { ended, newDatabase, onEachStore, openedStore } from "../jobs/job-runner.ts";
import { gate } from "../support/gate.ts";
import { HOUR, openNode, START, work } from "./world.ts";

onEachStore(() => {
  const opened = async () => openedStore(await newDatabase());

  test("a schedule runs when it is due, as its own actor, and shows the outcome and the next run", async () => {
    const node = openNode(await opened());
    await node.jobs.start();
    const made = await node.schedules.create({ when: "every day 09:00", zone: "UTC", work });
    expect(made).toMatchObject({
      id: 1,
      state: "waiting",
      next: START + HOUR,
      last: null,
      title: "run feed",
    });
    await node.look();
    expect(await node.queued()).toBe(0);

    node.clock.now = START + HOUR + 7;
    await node.look();
    const { last } = await node.schedules.get(1);
    expect(last).toMatchObject({ due: START + HOUR, manual: false });
    const job = await ended(node.jobs, last?.job ?? 0);
    expect(job).toMatchObject({
      args: ["feed", null, "x"],
      actor: { kind: "schedule", key: null },
      notes: { schedule: "1" },
    });
    expect(await node.schedules.get(1)).toMatchObject({
      state: "waiting",
      next: START + 25 * HOUR,
      last: { outcome: "ok", ended: job.finished, job: job.id },
    });
    await node.look();
    expect(node.ran).toHaveLength(1);
  });

  test("runs that were missed are caught up once", async () => {
    const node = openNode(await opened());
    await node.schedules.create({ when: "every hour", zone: "UTC", work });
    node.clock.now = START + 10 * HOUR + 60;
    await node.look();
    await node.look();
    expect(await node.queued()).toBe(1);
    expect(await node.schedules.get(1)).toMatchObject({
      next: START + 11 * HOUR,
      last: { due: START + HOUR },
    });
  });

  test("while a run goes on the next waits, also one started by hand, and what comes due meanwhile is one run", async () => {
    const node = openNode(await opened());
    const held = gate();
    node.gate.wait = held.opened;
    await node.jobs.start();
    await node.schedules.create({ when: "every minute", zone: "UTC", work });
    const job = await node.schedules.run(1, { kind: "cli", key: null });
    await vi.waitFor(() => expect(node.ran).toHaveLength(1));
    expect(await node.schedules.get(1)).toMatchObject({ state: "running", last: { manual: true, job } });
    await expect(node.schedules.run(1, { kind: "cli", key: null })).rejects.toMatchObject({
      code: "SCHEDULE_RUNNING",
    });
    for (const minutes of [1, 2, 3]) {
      node.clock.now = START + minutes * 60;
      await node.look();
    }
    expect(await node.queued()).toBe(1);
    held.open();
    await ended(node.jobs, job);
    await node.look();
    await node.look();
    expect(await node.queued()).toBe(2);
    expect(await node.schedules.get(1)).toMatchObject({ last: { due: START + 60, manual: false } });
  });

  test("of ten nodes that find a run due at once, one starts it", async () => {
    const store = await opened();
    const nodes = Array.from({ length: 10 }, () => openNode(store));
    await nodes[0]?.schedules.create({ when: "every hour", zone: "UTC", work });
    for (const hours of [1, 2]) {
      for (const node of nodes) node.clock.now = START + hours * HOUR;
      await Promise.all(nodes.map((node) => node.look()));
      expect(await nodes[0]?.queued()).toBe(hours);
      await nodes[0]?.jobs.start();
      await ended(nodes[0]?.jobs as never, (await store.jobs.list({}, 1, 1)).items[0]?.id ?? 0);
    }
  });

  test("a paused schedule does not run, and resumes without what it missed", async () => {
    const node = openNode(await opened());
    await node.schedules.create({ when: "every hour", zone: "UTC", work });
    expect(await node.schedules.update(1, { paused: true })).toMatchObject({ state: "paused", next: null });
    node.clock.now = START + 5 * HOUR + 1;
    await node.look();
    expect(await node.schedules.update(1, { paused: false })).toMatchObject({
      state: "waiting",
      next: START + 6 * HOUR,
    });
    await node.look();
    expect(await node.queued()).toBe(0);
  });

  test("another time counts at once, and a removed schedule no longer runs", async () => {
    const node = openNode(await opened());
    await node.schedules.create({ when: "every day 20:00", zone: "UTC", work });
    const changed = await node.schedules.update(1, { when: "every day 10:00", zone: "Asia/Tokyo" });
    expect(changed).toMatchObject({ cron: "0 10 * * *", zone: "Asia/Tokyo", next: START + 17 * HOUR });
    await node.schedules.delete(1);
    node.clock.now = START + 48 * HOUR;
    await node.look();
    expect([await node.queued(), await node.schedules.list()]).toEqual([0, []]);
    const again = await node.schedules.create({ when: "@daily", zone: "UTC", work });
    expect(again.id).toBe(2);
    expect(node.published).toMatchObject([
      { kind: "schedule", action: "added", schedule: 1, title: "run feed" },
      { action: "changed", schedule: 1 },
      { action: "removed", schedule: 1 },
      { action: "added", schedule: 2 },
    ]);
    const { get, update, delete: remove } = node.schedules;
    for (const call of [() => get(1), () => update(1, {}), () => remove(1)])
      await expect(call()).rejects.toMatchObject({ code: "SCHEDULE_NOT_FOUND" });
  });

  test("a run whose job was removed before its outcome was read does not hold up the next", async () => {
    const store = await opened();
    const node = openNode(store);
    await node.schedules.create({ when: "every hour", zone: "UTC", work });
    const job = await node.schedules.run(1, { kind: "cli", key: null });
    await store.jobs.update(job, { state: "finished", result: null, finished: 1 });
    await store.jobs.prune(2);
    expect(await node.schedules.get(1)).toMatchObject({
      state: "waiting",
      last: { outcome: "JOB_NOT_FOUND" },
    });
    node.clock.now = START + HOUR;
    await node.look();
    expect(await node.queued()).toBe(1);
  });
});
