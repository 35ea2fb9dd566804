import pLimit from "p-limit";
import { median, quantile, timed } from "../measure.ts";
import { addRegistry, benchRegistry, finished, manyNames } from "../plugins.ts";
import { type BenchServer, memoryOf } from "../server.ts";
import { withBenchCluster } from "./bench-cluster.ts";
import { costOf } from "./redis-cost.ts";
import type { SlopeTable } from "./table.ts";

const COUNTS = [30, 300, 1000] as const;
const [AT_ONCE, LISTS, INSTALLS, POLL_MS] = [4, 200, 12, 20];
const MB = 1024 * 1024;

interface InstalledCost {
  plugins: number;
  listMs: number;
  recordsMs: number;
  installMs: number;
  installCommands: number;
  memoryMb: number;
  redisMb: number;
  startMs: number;
}

const furnish = async (
  { client }: BenchServer,
  registry: string,
  names: readonly string[],
): Promise<void> => {
  const limit = pLimit(AT_ONCE);
  await limit.map(names, async (namespace) => {
    await finished(client, (await client.installPlugin({ body: { namespace, registry } })).job, POLL_MS);
  });
};

const measure = (plugins: number): Promise<InstalledCost> =>
  withBenchCluster(2, async ({ client, servers, start }) => {
    const [here, there] = servers as [BenchServer, BenchServer];
    const registry = await addRegistry(here.client, await benchRegistry(plugins));
    const filled = await costOf(client, () => furnish(here, registry, manyNames(plugins)));
    const all = { params: { type: "all" as const } };
    const lists = await timed(LISTS, () => there.client.listPlugins(all), { warmup: 20 });
    const records = await timed(LISTS / 10, () => there.client.listInstalled({}), { warmup: 2 });
    let installMs: number[] = [];
    const changes = await costOf(client, async () => {
      installMs = await timed(INSTALLS, async (n) => {
        const body = { namespace: "echo", registry, version: `1.${n + 1}.0` };
        await finished(here.client, (await here.client.installPlugin({ body })).job, POLL_MS);
      });
    });
    const { startMs } = await start("node-late");
    return {
      plugins,
      listMs: median(lists),
      recordsMs: median(records),
      installMs: quantile(installMs, 0.5),
      installCommands: changes.commands / INSTALLS,
      memoryMb: (await memoryOf(there.pid)).now,
      redisMb: filled.memoryBytes / MB,
      startMs,
    };
  });

export const installedSlope = async (): Promise<{ costs: InstalledCost[]; tables: SlopeTable[] }> => {
  const costs: InstalledCost[] = [];
  for (const count of COUNTS) costs.push(await measure(count));
  const row = (name: string, of: (cost: InstalledCost) => number) => [name, ...costs.map(of)];
  const table: SlopeTable = {
    title: "Installed plugins, on two nodes",
    head: ["", ...costs.map(({ plugins }) => plugins.toLocaleString("en"))],
    rows: [
      row("list of all, median over HTTP, ms", ({ listMs }) => listMs),
      row("full records, median over HTTP, ms", ({ recordsMs }) => recordsMs),
      row("upgrade of one, median, ms", ({ installMs }) => installMs),
      row("Redis commands for that, those in scripts too", ({ installCommands }) => installCommands),
      row("memory of the node that installed none itself, MB", ({ memoryMb }) => memoryMb),
      row("memory in Redis for records, jobs and bytes, MB", ({ redisMb }) => redisMb),
      row("start of a new node to its first answer, ms", ({ startMs }) => startMs),
    ],
  };
  return { costs, tables: [table] };
};
