/**
 * Runs jobs that never end, two at a time, until it is killed. Prints a line when two run.
 * Arguments: the store's address, and whether to make jobs first: "make" or nothing.
 */
import { pino } from "pino";
import { createJobs } from "../../../src/jobs/jobs.ts";
import { brief, openBriefStore } from "../brief-store.ts";

const [file = "", make] = process.argv.slice(2);
const store = await openBriefStore(file);
const jobs = createJobs({
  store: store.jobs,
  claims: store.shared?.claims,
  concurrency: 2,
  log: pino({ level: "silent" }),
  ...brief,
});
let running = 0;
const hang = async (): Promise<void> => {
  running += 1;
  if (running === 2) console.log("two run");
  await new Promise(() => {});
};
jobs.define({ name: "again", repeatable: true, run: hang });
jobs.define({ name: "once", repeatable: false, run: hang });
// All are stored before two of them run, which is when this process is killed.
if (make === "make") for (const task of ["again", "once", "again"]) await jobs.enqueue(task, []);
if (make === "make-again") for (const task of ["again", "again"]) await jobs.enqueue(task, []);
await jobs.start();
setInterval(() => {}, 1000);
