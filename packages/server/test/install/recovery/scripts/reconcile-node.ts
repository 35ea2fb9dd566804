/**
 * A server cut down to what it does with files at its start, which kills itself on the way. Arguments: the harness, the data
 * folder, the store's address, and how many files it has journaled when it dies; the part behind the point is tenths of
 * milliseconds after that.
 */
import { openBriefStore } from "../../../jobs/brief-store.ts";
import { compose, openRuntime } from "../../compose.ts";

const [harness = "", data = "", address = "", when = "1"] = process.argv.slice(2);
const [count = 1, tenths = 0] = when.split(".").map(Number);
let journaled = 0;

const die = (): void => void process.kill(process.pid, "SIGKILL");
const dieAfter = (ms: number): void => {
  const end = performance.now() + ms;
  const look = (): void => void (performance.now() >= end ? die() : setImmediate(look));
  look();
};

const runtime = openRuntime(harness, 0);
const parts = await compose(data, {
  runtime,
  store: address,
  open: openBriefStore,
  at: (point) => {
    if (point !== "journaled") return;
    journaled++;
    if (journaled === count) dieAfter(tenths / 10);
  },
});
await parts.installer.recover();
await parts.installer.reconcileAll();
await runtime.stop();
await parts.close();
