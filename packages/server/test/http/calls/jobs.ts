import { expect, it } from "vitest";
import type { World } from "../calls.test.ts";

export const jobCalls = (world: () => World): void => {
  const call: World["server"]["call"] = (id, sent) => world().server.call(id, sent);

  it("show their state publicly, and all details with a key", async () => {
    const { body: queued } = await call("queuePlugin", { query: { plugin: "nothing", arg: "x" } });
    const params = { job: queued.job };
    const detail = await world().server.ended(queued.job);
    const status = await world().server.http.inject(`/api/minion/${queued.job}`);
    expect(status.statusCode).toBe(200);
    expect(status.json()).toEqual({ task: "run_plugin", state: "finished", notes: null, error: null });
    expect((await call("getJob", { params })).body).toEqual(status.json());
    for (const time of ["created", "started", "finished", "time"]) {
      expect(detail[time], time).toMatch(/^\d{10}(\.\d+)?$/);
    }
    expect(detail).toMatchObject({
      id: queued.job,
      args: ["nothing", null, "x"],
      expires: null,
      worker: 1,
    });
  });

  it("are listed newest first, by state and page", async () => {
    const { body } = await call("listJobs", { query: { state: "finished", size: 2 } });
    expect(body.items).toHaveLength(2);
    expect(body.items[0].id).toBeGreaterThan(body.items[1].id);
    expect(body.total).toBeGreaterThan(2);
    expect((await call("listJobs", { query: { state: "sleeping" } })).status).toBe(400);
  });

  it("are cancelled until they have ended", async () => {
    const { body } = await call("queuePlugin", { query: { plugin: "nothing" } });
    await world().server.ended(body.job);
    const late = await call("cancelJob", { params: { job: body.job } });
    expect(late.body).toMatchObject({
      successMessage: expect.stringContaining("already ended"),
      cancelled: false,
    });
  });

  it("are done once more when they have ended", async () => {
    const { body } = await call("queuePlugin", { query: { plugin: "nothing", arg: "again" } });
    await world().server.ended(body.job);
    const { body: retried } = await call("retryJob", { params: { job: body.job } });
    expect(retried.job).toBeGreaterThan(body.job);
    expect(await world().server.ended(retried.job)).toMatchObject({
      task: "run_plugin",
      args: ["nothing", null, "again"],
    });
    const actor = { kind: "server", key: null } as const;
    const queued = { task: "no_such_task", args: [], priority: 0, notes: {}, actor };
    const { id: job } = await world().server.services.store.jobs.create(queued, 1);
    const early = await call("retryJob", { params: { job } });
    expect([early.status, early.body.code]).toEqual([409, "JOB_NOT_ENDED"]);
    expect((await call("cancelJob", { params: { job } })).body.cancelled).toBe(true);
  });

  it.each(["getJob", "getJobDetail", "cancelJob", "retryJob"] as const)(
    "that do not exist give 404 in %s",
    async (id) => {
      const { status, body } = await call(id, { params: { job: 999_999 } });
      expect([status, body.code]).toEqual([404, "JOB_NOT_FOUND"]);
    },
  );
};
