/**
 * Carries out the restore that waits, as the start of a server does, and blocks at one of its steps, so that it can be killed there.
 * Arguments: the data folder, the step from 0.
 */
import { writeSync } from "node:fs";
import { carryOutWaiting } from "../../src/backup/at-start.ts";
import { whileStopped } from "../../src/backup/stopped-server.ts";
import { finishSwap } from "../../src/backup/swap.ts";
import { readConfig } from "../../src/config/config.ts";

const [data = "", stopAt] = process.argv.slice(2);
let step = 0;

const onStep = (): void => {
  if (step++ !== Number(stopAt)) return;
  writeSync(1, "stopped\n");
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
};

const quiet = () => {};
await whileStopped(readConfig({ data }, {}), async (deps) => {
  await finishSwap(deps.folders);
  await carryOutWaiting({ ...deps, onStep }, { info: quiet, warn: quiet, error: quiet });
});
writeSync(1, "ended\n");
