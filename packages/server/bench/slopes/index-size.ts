import { readFile, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { MAX_INDEX_BYTES } from "@hitagi/contract";
import { largeIndex } from "../../test/support/large-index.ts";
import type { fixtureIndex } from "../../test/support/registry-fixture.ts";
import { median, quantile, timed } from "../measure.ts";
import { addRegistry, benchRegistry, finished } from "../plugins.ts";
import { type BenchServer, memoryOf, resetPeak } from "../server.ts";
import { withBenchCluster } from "./bench-cluster.ts";
import { costOf } from "./redis-cost.ts";
import type { SlopeTable } from "./table.ts";

/** Plugins and versions of each: the last is the most that the limit of an index allows. */
const SIZES = [
  [1000, 5],
  [10_000, 5],
  [100_000, 2],
] as const;
const [SEARCHES, WARMUP, INSTALLS, PARSES] = [200, 20, 8, 3];
const QUERIES = ["manga", "plugin-00999", "author-17", "language scanner", "nothing at all", "e"];
const MB = 1024 * 1024;

interface IndexCost {
  plugins: number;
  versions: number;
  bytes: number;
  floorMs: number;
  refreshMs: number;
  peakMb: number;
  searchMs: number;
  /** The first search on a node that did not refresh. */
  elsewhereMs: number;
  installMs: number;
  redisMb: number;
  startMs: number;
}

const registryOf = async (plugins: number, versions: number): Promise<string> => {
  const folder = await benchRegistry(0);
  const file = path.join(folder, "registry.json");
  const real = JSON.parse(await readFile(file, "utf8")) as ReturnType<typeof fixtureIndex>;
  await writeFile(file, JSON.stringify(largeIndex(plugins, versions, real.plugins)));
  return folder;
};

const search = ({ client }: BenchServer, n: number) =>
  client.searchAvailable({ query: { q: QUERIES[n % QUERIES.length] ?? "" } });

const installsFrom = async ({ client }: BenchServer, registry: string): Promise<number> => {
  const taken = await timed(INSTALLS, async (n) => {
    const body = { namespace: "echo", registry, version: `1.${n + 1}.0` };
    await finished(client, (await client.installPlugin({ body })).job, 5);
  });
  return median(taken);
};

const measure = (plugins: number, versions: number): Promise<IndexCost> =>
  withBenchCluster(2, async ({ client, servers, start }) => {
    const [here, there] = servers as [BenchServer, BenchServer];
    const folder = await registryOf(plugins, versions);
    const file = path.join(folder, "registry.json");
    const floorMs = median(await timed(PARSES, async () => JSON.parse(await readFile(file, "utf8"))));
    const idle = await memoryOf(here.pid);
    await resetPeak(here.pid);
    let registry = "";
    const refresh = await costOf(client, async () => {
      registry = await addRegistry(here.client, folder);
    });
    const peakMb = (await memoryOf(here.pid)).peak - idle.now;
    const [elsewhereMs = Number.NaN] = await timed(1, () => search(there, 0));
    const searches = await timed(SEARCHES, (n) => search(here, n), { warmup: WARMUP });
    const installMs = await installsFrom(here, registry);
    const begun = performance.now();
    const third = await start("node-late");
    await search(third, 0);
    const startMs = performance.now() - begun;
    const { size } = await stat(file);
    return {
      plugins,
      versions,
      bytes: size,
      floorMs,
      refreshMs: refresh.ms,
      peakMb,
      searchMs: quantile(searches, 0.95),
      elsewhereMs,
      installMs,
      redisMb: refresh.memoryBytes / MB,
      startMs,
    };
  });

export const indexSlope = async (): Promise<{ costs: IndexCost[]; tables: SlopeTable[] }> => {
  const costs: IndexCost[] = [];
  for (const [plugins, versions] of SIZES) costs.push(await measure(plugins, versions));
  const row = (name: string, of: (cost: IndexCost) => number) => [name, ...costs.map(of)];
  const largest = costs.at(-1);
  const perVersion = largest ? largest.bytes / (largest.plugins * largest.versions) : Number.NaN;
  const table: SlopeTable = {
    title: "Plugins in an index",
    head: ["", ...costs.map((c) => `${c.plugins.toLocaleString("en")} × ${c.versions} versions`)],
    rows: [
      row("registry.json, MB", ({ bytes }) => bytes / MB),
      row("reading and JSON.parse of it (floor), ms", ({ floorMs }) => floorMs),
      row("adding the registry and its first refresh, over HTTP, ms", ({ refreshMs }) => refreshMs),
      row("memory that the refresh adds at its peak, MB", ({ peakMb }) => peakMb),
      row("memory that it takes in Redis, MB", ({ redisMb }) => redisMb),
      row("search, p95, ms", ({ searchMs }) => searchMs),
      row("first search on the node that did not refresh, ms", ({ elsewhereMs }) => elsewhereMs),
      row("install out of it, median, ms", ({ installMs }) => installMs),
      row("start of another node to its first search, ms", ({ startMs }) => startMs),
    ],
    notes: [
      `An index may have ${MAX_INDEX_BYTES / MB} MB (SOURCE_TOO_LARGE), which at ${perVersion.toFixed(0)} bytes a version are ` +
        `${Math.floor(MAX_INDEX_BYTES / perVersion).toLocaleString("en")} versions: there the product ends this slope.`,
    ],
  };
  return { costs, tables: [table] };
};
