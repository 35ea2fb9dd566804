/**
 * Looks once for schedules that are due, and is killed at one of the writes to the store.
 * Arguments: the store's address, the time, the number of the write, and "before" or "after" it. Prints "done" if there is no such
 * write.
 */
import { pino } from "pino";
import { createDocuments } from "../../../src/documents/documents.ts";
import { alwaysFresh } from "../../../src/freshness.ts";
import { createJobs } from "../../../src/jobs/jobs.ts";
import { lookOnce } from "../../../src/schedules/scheduler.ts";
import { createEnqueue } from "../../../src/tasks/enqueue.ts";
import { openBriefStore } from "../../jobs/brief-store.ts";

const [address = "", now = "0", at = "0", moment] = process.argv.slice(2);
const store = await openBriefStore(address);

let writes = 0;
/** Does not return once this process is to die. */
const die = (): Promise<never> => {
  process.kill(process.pid, "SIGKILL");
  return new Promise(() => {});
};
const mortal =
  <A extends unknown[], R>(write: (...args: A) => Promise<R>) =>
  async (...args: A): Promise<R> => {
    const isLast = ++writes === Number(at);
    if (isLast && moment === "before") await die();
    const result = await write(...args);
    if (isLast) await die();
    return result;
  };

const jobs = createJobs({
  store: { ...store.jobs, createOnce: mortal(store.jobs.createOnce) },
  claims: store.shared?.claims,
  concurrency: 1,
  log: pino({ level: "silent" }),
});
jobs.define({ name: "run_plugin", repeatable: false, run: async () => {} });
await lookOnce({
  documents: createDocuments({
    store: { ...store.documents, set: mortal(store.documents.set) },
    ensureFresh: alwaysFresh,
  }),
  jobs: store.jobs,
  queue: createEnqueue({ jobs, plugins: { anyEnabled: () => false } }),
  now: () => Number(now),
});
console.log("done");
await store.close();
