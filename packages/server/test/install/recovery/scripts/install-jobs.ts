/**
 * A server cut down to its jobs, which installs two versions of a plugin in turns until it is killed. Prints `busy` when the
 * first job has ended. Arguments: the harness, the data folder, the store's address, the registry.
 */
import { pino } from "pino";
import { createJobs } from "../../../../src/jobs/jobs.ts";
import { brief, openBriefStore } from "../../../jobs/brief-store.ts";
import { compose, openRuntime } from "../../compose.ts";

const [harness = "", data = "", address = "", registry = ""] = process.argv.slice(2);
const runtime = openRuntime(harness, 0);
const parts = await compose(data, { runtime, store: address, open: openBriefStore });
const { jobs: kept, shared } = parts.store;
const jobs = createJobs({
  store: kept,
  claims: shared?.claims,
  concurrency: 1,
  log: pino({ level: "silent" }),
  ...brief,
});
jobs.define({
  name: "install_plugin",
  repeatable: true,
  run: async (_context, [version]) => {
    // A job waits at every moment, however late the kill comes.
    await enqueueNext();
    await parts.installer.install({ namespace: "echo", registry, version: String(version) });
    console.log("busy");
  },
});
let enqueued = 0;
const enqueueNext = () => jobs.enqueue("install_plugin", [enqueued++ % 2 ? "2.0.0" : "1.0.0"]);
await parts.installer.recover();
await jobs.start();
await enqueueNext();
await enqueueNext();
