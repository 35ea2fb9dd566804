import { includesScope, type Schedule } from "@hitagi/contract";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Services } from "../../services.ts";
import { HIDDEN } from "../../tasks/task-args.ts";
import { actorOf } from "../request.ts";
import { handle } from "../route.ts";

/** A schedule as the holder of the request's key may see it: only keys that may do everything see its one-shot argument. */
const shownTo =
  ({ holder }: FastifyRequest) =>
  (schedule: Schedule): Schedule => {
    const { work } = schedule;
    const sees = holder !== null && includesScope(holder.scope, "manage");
    if (sees || !("arg" in work) || work.arg === undefined) return schedule;
    return { ...schedule, work: { ...work, arg: HIDDEN } };
  };

/** Work that starts at set times. */
export const scheduleRoutes = (app: FastifyInstance, { schedules }: Services): void => {
  handle(app, "listSchedules", async (_, { request }) => ({
    schedules: (await schedules.list()).map(shownTo(request)),
  }));
  handle(app, "getSchedule", async ({ params }, { request }) => ({
    schedule: shownTo(request)(await schedules.get(params.id)),
  }));
  handle(app, "createSchedule", async ({ body }) => ({ schedule: await schedules.create(body) }));
  handle(app, "updateSchedule", async ({ params, body }) => ({
    schedule: await schedules.update(params.id, body),
  }));
  handle(app, "runSchedule", async ({ params }, { request }) => ({
    job: await schedules.run(params.id, actorOf(request)),
  }));
  handle(app, "deleteSchedule", async ({ params }, { request }) => {
    const { id, title } = await schedules.delete(params.id);
    request.changeDetails = { name: title };
    return { successMessage: `Schedule ${id} (${title}) was removed.` };
  });
};
