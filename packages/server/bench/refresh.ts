import { readFile, stat, utimes, writeFile } from "node:fs/promises";
import path from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { largeIndex } from "../test/support/large-index.ts";
import type { fixtureIndex } from "../test/support/registry-fixture.ts";
import { withServices } from "./in-process.ts";
import { REWARM_MS } from "./install.ts";
import { median, quantile, type Row, timed } from "./measure.ts";
import { benchRegistry, install } from "./plugins.ts";
import { API_KEY, type BenchServer, memoryOf, resetPeak } from "./server.ts";

const ROUNDS = 9;
const INSTALLS = 25;
const WARMUP = 5;
const MB = 1024 * 1024;
const QUERIES = ["manga", "plugin-09999", "author-17", "language scanner", "nothing at all", "e"];

/** A registry folder whose index has 10,000 × 5 versions beside the real plugins of a small one. */
export const largeRegistry = async (): Promise<{ folder: string; file: string }> => {
  const folder = await benchRegistry(0);
  const file = path.join(folder, "registry.json");
  const real = JSON.parse(await readFile(file, "utf8")) as ReturnType<typeof fixtureIndex>;
  await writeFile(file, JSON.stringify(largeIndex(10_000, 5, real.plugins)));
  return { folder, file };
};

const refreshOver = async (server: BenchServer, id: string): Promise<void> => {
  const response = await fetch(`${server.url}/api/registries/${id}/refresh`, {
    method: "POST",
    headers: { authorization: `Bearer ${Buffer.from(API_KEY).toString("base64")}` },
  });
  if (!response.ok) throw new Error(await response.text());
  for await (const _ of response.body ?? []);
};

/** Milliseconds in which the leftovers of a refresh are removed. */
const SETTLE_MS = 3000;

/** Marks the file as changed since the last refresh. */
const touch = (file: string, n: number) => utimes(file, new Date(), new Date(Date.now() + 1000 * n));

/** Collects garbage, so that one measurement's garbage does not count in the next. */
const collectGarbage = (): void => {
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
};

/** A refresh inside the server alternating with reading and parsing the same bytes. */
const benchInProcess = (folder: string, file: string): Promise<{ refreshMs: number; floorMs: number }> =>
  withServices(async ({ registries, catalog }) => {
    const { id } = await registries.create({ name: "large", provider: "local", path: folder });
    const parse = async () => JSON.parse(await readFile(file, "utf8"));
    const floors: number[] = [];
    const refreshes: number[] = [];
    for (let i = 0; i < ROUNDS; i++) {
      collectGarbage();
      floors.push(...(await timed(1, parse, { pauseMs: SETTLE_MS / 6 })));
      await touch(file, i + 1);
      collectGarbage();
      refreshes.push(...(await timed(1, () => catalog.refresh(id))));
    }
    return { refreshMs: median(refreshes), floorMs: median(floors) };
  });

/** Installs out of the small and the large registry alternating, so that noise affects both. */
const benchInstalls = async ({ client }: BenchServer, small: string, large: string) => {
  const taken = { small: [] as number[], large: [] as number[] };
  for (let i = 0; i < INSTALLS; i++) {
    const version = `1.${i}.0`;
    for (const [name, id] of [
      ["small", small],
      ["large", large],
    ] as const) {
      const run = () => install(client, id, "echo", version);
      const [ms = 0] = await timed(1, run, { pauseMs: REWARM_MS });
      if (i >= WARMUP) taken[name].push(ms);
      await client.uninstallPlugin({ params: { namespace: "echo" } });
    }
  }
  return { smallMs: median(taken.small), largeMs: median(taken.large) };
};

/** A refresh of a large index against reading and parsing its bytes; its memory; install and search out of it. */
export const benchRefresh = async (server: BenchServer): Promise<Row[]> => {
  const { client } = server;
  const local = { name: "small", provider: "local" as const, path: await benchRegistry(0) };
  const small = (await client.createRegistry({ body: local })).id;
  await client.refreshRegistry({ params: { id: small } });

  const { folder, file } = await largeRegistry();
  const bytes = (await stat(file)).size;
  const { id } = await server.client.createRegistry({
    body: { name: "large", provider: "local", path: folder },
  });
  const before = await memoryOf(server.pid);
  await resetPeak(server.pid);
  await refreshOver(server, id);
  const peak = (await memoryOf(server.pid)).peak - before.now;

  const { refreshMs, floorMs } = await benchInProcess(folder, file);
  const overHttp: number[] = [];
  for (let i = 0; i < ROUNDS; i++) {
    await touch(file, ROUNDS + i + 1);
    overHttp.push(...(await timed(1, () => refreshOver(server, id))));
  }
  const httpMs = median(overHttp);
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));

  const searches = await timed(
    600,
    (i) => server.client.searchAvailable({ query: { q: QUERIES[i % QUERIES.length] ?? "" } }),
    { warmup: 60 },
  );
  const { smallMs, largeMs } = await benchInstalls(server, small, id);
  const p95 = quantile(searches, 0.95);
  const size = bytes / MB;
  return [
    {
      name: `refresh of ${size.toFixed(1)} MB (10,000 × 5)`,
      value: refreshMs,
      unit: "ms",
      floor: floorMs,
      target: "≤ 2× reading and JSON.parse",
      met: refreshMs <= 2 * floorMs,
    },
    {
      name: "the same over HTTP, the whole index in the answer",
      value: httpMs,
      unit: "ms",
      floor: floorMs,
      target: "none, for orientation",
      met: true,
    },
    {
      name: "memory that the refresh adds at its peak",
      value: peak,
      unit: "MB",
      floor: size,
      target: "≤ 6× the index",
      met: peak <= 6 * size,
    },
    {
      name: "install out of the large index",
      value: largeMs,
      unit: "ms",
      floor: smallMs,
      target: "within 15% of a small one",
      met: largeMs <= 1.15 * smallMs,
    },
    { name: "search over it, p95, over HTTP", value: p95, unit: "ms", target: "≤ 5 ms", met: p95 <= 5 },
  ];
};
