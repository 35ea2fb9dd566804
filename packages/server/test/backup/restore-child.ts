/**
 * Restores a backup, and blocks at one of its steps, so that it can be killed there.
 * Arguments: the data folder, the backup, the step from 0, the store if it is not in the data folder.
 */
import { writeSync } from "node:fs";
import { open } from "node:fs/promises";
import { restoreBackup } from "../../src/backup/restore.ts";
import { whileStopped } from "../../src/backup/stopped-server.ts";
import { readConfig } from "../../src/config/config.ts";

const [data = "", file = "", stopAt, store] = process.argv.slice(2);
const opened = await open(file);
let step = 0;

const onStep = (): void => {
  if (step++ !== Number(stopAt)) return;
  writeSync(1, "stopped\n");
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
};

await whileStopped(readConfig({ data, ...(store && { store }) }, {}), (deps) =>
  restoreBackup({ ...deps, onStep }, opened, { force: true, by: "cli" }),
);
await opened.close();
writeSync(1, "ended\n");
