import { median, type Row, timed } from "./measure.ts";
import { addRegistry, benchRegistry, install } from "./plugins.ts";
import type { BenchServer } from "./server.ts";

/** Milliseconds after which a sandbox is warm again. */
export const REWARM_MS = 300;

/** Install to finished job, over HTTP, from a local registry; each run brings another version of one plugin. */
export const benchInstall = async (server: BenchServer): Promise<Row[]> => {
  const registry = await addRegistry(server.client, await benchRegistry(0));
  const taken = await timed(40, (i) => install(server.client, registry, "echo", `1.${i + 10}.0`), {
    warmup: 10,
  });
  const value = median(taken);
  return [
    {
      name: "install to finished, local registry, warm pool",
      value,
      unit: "ms",
      target: "≤ 40 ms median",
      met: value <= 40,
    },
  ];
};
