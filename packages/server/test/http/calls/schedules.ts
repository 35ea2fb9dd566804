import { expect, it } from "vitest";
import type { World } from "../calls.test.ts";
import { bearer } from "../test-server.ts";

export const scheduleCalls = (world: () => World): void => {
  const call: World["server"]["call"] = (id, sent) => world().server.call(id, sent);
  const daily = { when: "every day 03:00", zone: "Europe/Berlin" };

  it("are made, listed with their next run, paused, resumed, changed and removed", async () => {
    const { body: made } = await call("createSchedule", { body: { ...daily, work: { kind: "upgrade" } } });
    const { id } = made.schedule;
    expect(made.schedule).toMatchObject({ cron: "0 3 * * *", title: "upgrade all plugins", last: null });
    expect(made.schedule.next * 1000).toBeGreaterThan(Date.now());
    const params = { id };
    const paused = await call("updateSchedule", { params, body: { paused: true } });
    expect(paused.body.schedule).toMatchObject({ state: "paused", next: null });
    const resumed = await call("updateSchedule", { params, body: { paused: false, when: "@hourly" } });
    expect(resumed.body.schedule).toMatchObject({ state: "waiting", when: "@hourly", zone: "Europe/Berlin" });
    expect((await call("getSchedule", { params })).body.schedule).toEqual(resumed.body.schedule);
    expect((await call("listSchedules")).body.schedules).toEqual([resumed.body.schedule]);
    expect((await call("deleteSchedule", { params })).body.successMessage).toContain("upgrade all plugins");
    expect((await call("getSchedule", { params })).body.code).toBe("SCHEDULE_NOT_FOUND");
  });

  it("run their work now, with a job that tells the schedule, and show its outcome", async () => {
    const { body: made } = await call("createSchedule", { body: { ...daily, work: { kind: "refresh" } } });
    const params = { id: made.schedule.id };
    const { body } = await call("runSchedule", { params });
    const job = await world().server.ended(body.job);
    expect(job).toMatchObject({ task: "refresh_registries", notes: { schedule: String(params.id) } });
    expect(job.result).toMatchObject({ success: 1, data: { registries: [{ name: "Fixture" }] } });
    const { last } = (await call("getSchedule", { params })).body.schedule;
    expect(last).toMatchObject({ job: body.job, outcome: "ok", manual: true });
    await call("deleteSchedule", { params });
  });

  it("are refused for plugins that are not there, times that are none, and work of no kind", async () => {
    const codeOf = async (body: object) => (await call("createSchedule", { body })).body.code;
    expect(await codeOf({ ...daily, work: { kind: "run", plugin: "nobody" } })).toBe("PLUGIN_NOT_INSTALLED");
    expect(await codeOf({ ...daily, work: { kind: "batch", plugin: "nobody" } })).toBe("PLUGIN_NOT_FOUND");
    expect(await codeOf({ ...daily, work: { kind: "upgrade", plugins: ["nobody"] } })).toBe(
      "PLUGIN_NOT_INSTALLED",
    );
    expect(await codeOf({ ...daily, work: { kind: "run", plugin: "copytags" } })).toBe(
      "SCHEDULE_NEEDS_ARCHIVE",
    );
    const both = { kind: "batch", by_source: true, plugin: "copytags" };
    expect(await codeOf({ ...daily, work: both })).toBe("VALIDATION_FAILED");
    expect(await codeOf({ when: "soon", work: { kind: "refresh" } })).toBe("SCHEDULE_TIME_INVALID");
    expect(await codeOf({ ...daily, zone: "Mars/X", work: { kind: "refresh" } })).toBe(
      "SCHEDULE_TIME_INVALID",
    );
    expect(await codeOf({ ...daily, work: { kind: "dance" } })).toBe("VALIDATION_FAILED");
    expect((await call("listSchedules")).body.schedules).toEqual([]);
  });

  it("say what their next run would fail with", async () => {
    const archive = "0".repeat(40);
    const problemOf = async (work: object) => {
      const { body } = await call("createSchedule", { body: { ...daily, work } });
      const params = { id: body.schedule.id };
      const listed = (await call("listSchedules")).body.schedules;
      expect(listed).toEqual([(await call("getSchedule", { params })).body.schedule]);
      await call("deleteSchedule", { params });
      return body.schedule.problem;
    };
    expect(await problemOf({ kind: "run", plugin: "copytags", archive })).toEqual({
      code: "ARCHIVE_NOT_FOUND",
      message: expect.stringContaining(archive),
      hint: expect.any(String),
    });
    expect(await problemOf({ kind: "batch", plugin: "copytags", ids: [archive] })).toMatchObject({
      code: "ARCHIVE_NOT_FOUND",
    });
    expect(await problemOf({ kind: "batch", plugin: "copytags" })).toBeNull();
    expect(await problemOf({ kind: "refresh" })).toBeNull();
  });

  it("show an argument only to keys that may change them", async () => {
    const work = { kind: "run", plugin: "copytags", archive: "0".repeat(40), arg: "a-secret-argument" };
    const { body: made } = await call("createSchedule", { body: { ...daily, work } });
    expect(made.schedule).toMatchObject({ work, title: "run copytags on 00000000" });
    const { body: reader } = await call("createKey", { body: { name: "schedule-reader", scope: "read" } });
    const headers = bearer(reader.key);
    const seen = await call("listSchedules", { headers });
    expect([seen.status, seen.text.includes("a-secret-argument")]).toEqual([200, false]);
    const refused = await call("deleteSchedule", { params: { id: made.schedule.id }, headers });
    expect([refused.status, refused.body.code]).toEqual([403, "SCOPE_NEEDED"]);
    await call("deleteSchedule", { params: { id: made.schedule.id } });
    const { body } = await call("listHistory", {
      query: { kind: "schedule", subject: String(made.schedule.id) },
    });
    expect(body.items.map((entry: { action: string }) => entry.action)).toEqual([
      "delete_schedule",
      "delete_schedule",
      "create_schedule",
    ]);
    expect(JSON.stringify(body)).not.toContain("a-secret-argument");
  });
};
