import { median, type Row, timed } from "./measure.ts";
import { addRegistry, benchRegistry, install } from "./plugins.ts";
import type { BenchServer } from "./server.ts";

/** Milliseconds after which a process is on standby again. */
export const REWARM_MS = 300;

/** Install to finished job, over HTTP, from a local registry; each run installs another version of one plugin. */
export const benchInstall = async (server: BenchServer): Promise<Row[]> => {
  const registry = await addRegistry(server.client, await benchRegistry(0));
  const run = (i: number) => install(server.client, registry, "echo", `1.${i + 10}.0`);
  const warm = median(await timed(40, run, { warmup: 10, pauseMs: REWARM_MS }));
  const inARow = median(await timed(40, run, { warmup: 10 }));
  return [
    {
      name: "install to finished, local registry, warm pool",
      value: warm,
      unit: "ms",
      target: "≤ 40 ms median",
      met: warm <= 40,
    },
    {
      name: "the same without a rest, so that each starts its sandbox",
      value: inARow,
      unit: "ms",
      target: "none, for orientation",
      met: true,
    },
  ];
};
