import { Type } from "typebox";
import { described } from "../scalars.ts";
import { Schedule, ScheduledWork, ScheduleId, TimeZone, When } from "../schedules.ts";
import { answer, queuedJob, routes } from "./route.ts";

const byId = Type.Object({ id: ScheduleId });

export const scheduleRoutes = routes({
  listSchedules: {
    method: "GET",
    path: "/api/schedules",
    operation: "list_schedules",
    summary: "The schedules with their next and last runs, in the order in which they were made",
    tag: "schedules",
    scope: "read",
    response: answer("list_schedules", { schedules: Type.Array(Schedule) }),
  },
  getSchedule: {
    method: "GET",
    path: "/api/schedules/:id",
    operation: "get_schedule",
    summary: "One schedule with its next and last run",
    tag: "schedules",
    scope: "read",
    params: byId,
    response: answer("get_schedule", { schedule: Schedule }),
  },
  createSchedule: {
    method: "POST",
    path: "/api/schedules",
    operation: "create_schedule",
    summary:
      "Start work at set times. A run that was missed is caught up once, and of one schedule one run goes on at a time",
    tag: "schedules",
    scope: "manage",
    body: Type.Object(
      {
        when: When,
        zone: Type.Optional(
          described(
            "The IANA time zone of `when`, such as `Europe/Berlin`; the server's own where absent.",
            TimeZone,
          ),
        ),
        work: described("What it starts, with the arguments of the calls of these names.", ScheduledWork),
      },
      { additionalProperties: false },
    ),
    example: {
      when: "every day 03:00",
      zone: "Europe/Berlin",
      work: { kind: "batch", plugin: "comic-info" },
    },
    response: answer("create_schedule", { schedule: Schedule }),
  },
  updateSchedule: {
    method: "PUT",
    path: "/api/schedules/:id",
    operation: "update_schedule",
    summary:
      "Change when a schedule runs, or pause and resume it. What is missed while it is paused is not caught up",
    tag: "schedules",
    scope: "manage",
    params: byId,
    body: Type.Object(
      {
        when: Type.Optional(When),
        zone: Type.Optional(TimeZone),
        paused: Type.Optional(Type.Boolean({ description: "Whether it is paused." })),
      },
      { additionalProperties: false, minProperties: 1 },
    ),
    example: { paused: true },
    response: answer("update_schedule", { schedule: Schedule }),
  },
  runSchedule: {
    method: "POST",
    path: "/api/schedules/:id/run",
    operation: "run_schedule",
    summary: "Start a schedule's work now; its next run stays as it is",
    tag: "schedules",
    scope: "manage",
    params: byId,
    response: answer("run_schedule", queuedJob),
  },
  deleteSchedule: {
    method: "DELETE",
    path: "/api/schedules/:id",
    operation: "delete_schedule",
    summary: "Remove a schedule; a run that goes on is not ended",
    tag: "schedules",
    scope: "manage",
    params: byId,
    response: answer("delete_schedule", { successMessage: Type.String() }),
  },
});
