/**
 * Copies a store and stops for ever after one of its steps, so that it can be killed there.
 * Arguments: the two addresses, the step counted from 0.
 */
import { writeSync } from "node:fs";
import { moveBetween } from "../../../src/store-copy/move.ts";

const [from = "", to = "", stopAt] = process.argv.slice(2);
let step = 0;

await moveBetween(from, to, {
  readIndex: async () => undefined,
  holdMs: 1500,
  onStep: () => {
    if (step++ !== Number(stopAt)) return;
    writeSync(1, "stopped\n");
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  },
});
writeSync(1, `ended after ${step}\n`);
