import type { Logger } from "pino";
import { epochSeconds } from "../clock.ts";
import type { Documents } from "../documents/documents.ts";
import { announceSchedules } from "../events/announce.ts";
import type { Publish } from "../events/types.ts";
import type { Library } from "../library/types.ts";
import type { Plugins } from "../plugins/types.ts";
import { createScheduler } from "../schedules/scheduler.ts";
import { createSchedules } from "../schedules/schedules.ts";
import type { Scheduler, Schedules } from "../schedules/types.ts";
import { checkWork, problemOf, type WorkQueue } from "../schedules/work.ts";
import type { Store } from "../store/types.ts";

export interface ScheduleParts {
  store: Pick<Store, "jobs">;
  documents: Documents;
  enqueue: WorkQueue;
  plugins: Plugins;
  library: Pick<Library, "get">;
  publish: Publish;
  log: Logger;
}

/** The owner's schedules, and what starts their runs. */
export const composeSchedules = ({
  store: { jobs },
  documents,
  enqueue: queue,
  plugins,
  library,
  publish,
  log,
}: ScheduleParts): { schedules: Schedules; scheduler: Scheduler } => {
  const parts = { documents, jobs, queue, now: epochSeconds };
  const scheduler = createScheduler({ ...parts, log });
  const schedules = createSchedules({
    ...parts,
    check: (work) => checkWork({ plugins }, work),
    problemOf: (work) => problemOf({ plugins, library }, work),
    wake: scheduler.wake,
  });
  return { schedules: announceSchedules(schedules, publish), scheduler };
};
