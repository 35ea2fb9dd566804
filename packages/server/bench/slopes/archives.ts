import { createHash } from "node:crypto";
import pLimit from "p-limit";
import { openRedisStore } from "../../src/store/redis/open.ts";
import type { ArchiveRecord } from "../../src/store/types.ts";
import { median, timed } from "../measure.ts";
import type { BenchServer } from "../server.ts";
import { withBenchCluster } from "./bench-cluster.ts";
import { costOf } from "./redis-cost.ts";
import type { SlopeTable } from "./table.ts";

const COUNTS = [1000, 10_000, 100_000] as const;
const [AT_ONCE, ROUNDS] = [200, 3];

export interface ArchivesCost {
  archives: number;
  listMs: number;
  redisMsForList: number;
  oneMs: number;
  redisBytesEach: number;
}

/** A typical archive: a dozen tags, no summary. */
const archive = (n: number): ArchiveRecord => ({
  id: createHash("sha1").update(`${n}`).digest("hex"),
  file: `collection/part ${n % 100}/archive number ${n}.cbz`,
  title: `Archive number ${n}`,
  tags: Array.from({ length: 12 }, (_, tag) => `kind-${tag}:value ${(n * 7 + tag) % 1000}`).join(", "),
  summary: "",
  size: 50_000_000 + n,
  pages: 20 + (n % 200),
  added: 1_700_000_000 + n,
});

const measure = (archives: number): Promise<ArchivesCost> =>
  withBenchCluster(1, async ({ client, redis, servers }) => {
    const [server] = servers as [BenchServer];
    const store = await openRedisStore(redis.address(2));
    try {
      const limit = pLimit(AT_ONCE);
      const numbers = Array.from({ length: archives }, (_, n) => n);
      const filled = await costOf(client, () => limit.map(numbers, (n) => store.archives.add(archive(n))));
      let listMs: number[] = [];
      const listed = await costOf(client, async () => {
        listMs = await timed(ROUNDS, () => server.client.listArchives({}));
      });
      const one = { params: { id: archive(archives >> 1).id } };
      const ones = await timed(200, () => server.client.getArchiveMetadata(one), { warmup: 20 });
      return {
        archives,
        listMs: median(listMs),
        redisMsForList: listed.processorMs / ROUNDS,
        oneMs: median(ones),
        redisBytesEach: filled.memoryBytes / archives,
      };
    } finally {
      await store.close();
    }
  });

export const archivesSlope = async (): Promise<{ costs: ArchivesCost[]; tables: SlopeTable[] }> => {
  const costs: ArchivesCost[] = [];
  for (const count of COUNTS) costs.push(await measure(count));
  const row = (name: string, of: (cost: ArchivesCost) => number) => [name, ...costs.map(of)];
  const table: SlopeTable = {
    title: "Archives of a library",
    head: ["", ...costs.map(({ archives }) => archives.toLocaleString("en"))],
    rows: [
      row("list of all, over HTTP, ms", ({ listMs }) => listMs),
      row("Redis' processor for that, ms", ({ redisMsForList }) => redisMsForList),
      row("one archive, over HTTP, ms", ({ oneMs }) => oneMs),
      row("memory in Redis for each, bytes", ({ redisBytesEach }) => redisBytesEach),
    ],
  };
  return { costs, tables: [table] };
};
