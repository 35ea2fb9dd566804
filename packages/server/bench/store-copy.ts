import path from "node:path";
import { ownFolder } from "../../../scripts/own-folder.mjs";
import { moveBetween } from "../src/store-copy/move.ts";
import { openEndpoint } from "../src/store-copy/open.ts";
import { redisServers, runRedis } from "../test/support/redis-process.ts";
import { counted, type Row } from "./measure.ts";

const [ARCHIVES, JOBS, PAGE] = [100_000, 10_000, 500];
const options = { readIndex: async () => undefined };

const archive = (n: number) => ({
  ...{ id: String(n).padStart(40, "0"), file: `folder/${n}.cbz`, title: `Title of archive ${n}` },
  ...{
    tags: "artist:someone, series:something, language:english",
    summary: "",
    size: n,
    pages: 20,
    added: n,
  },
});

const job = (id: number) => ({
  ...{ id, task: "run_plugin", args: ["echo", id], actor: { kind: "server" as const, key: null } },
  ...{ state: "finished" as const, priority: 0, notes: { done: "1" }, error: null, result: { id } },
  ...{ attempts: 1, retries: 0, created: id, started: id, finished: id + 0.5 },
});

const range = (from: number, count: number): number[] => Array.from({ length: count }, (_, n) => from + n);

const fill = async (place: string): Promise<void> => {
  const { port, close } = await openEndpoint(place, "target", options);
  for (let at = 0; at < ARCHIVES; at += PAGE) await port.kinds.archives.put(range(at, PAGE).map(archive));
  for (let at = 1; at <= JOBS; at += PAGE) await port.kinds.jobs.put(range(at, PAGE).map(job));
  await port.kinds.counters.put([{ name: "job", value: JOBS }]);
  await close();
};

/** Seconds that a copy with its comparison took, and megabytes by which the memory grew at most. */
const timed = async (from: string, to: string): Promise<{ seconds: number; grown: number }> => {
  const before = process.memoryUsage().rss;
  let most = before;
  const began = performance.now();
  await moveBetween(from, to, {
    ...options,
    onStep: () => {
      most = Math.max(most, process.memoryUsage().rss);
    },
  });
  return { seconds: (performance.now() - began) / 1000, grown: (most - before) / 1e6 };
};

/** `hitagi store copy` of a large library, in both directions; no rows without redis-server. */
export const benchStoreCopy = async (): Promise<Row[]> => {
  if (redisServers.length === 0) return [];
  const folder = ownFolder("hitagi-bench-");
  const redis = await runRedis(folder);
  try {
    const [file, back] = ["a", "b"].map((name) => `sqlite:${path.join(folder, name, "hitagi.db")}`);
    await fill(file ?? "");
    const there = await timed(file ?? "", redis.address(2));
    const again = await timed(redis.address(2), back ?? "");
    const what = `${ARCHIVES.toLocaleString("en")} archives and ${JOBS.toLocaleString("en")} jobs`;
    return [
      counted("copy", `copy of ${what} from SQLite into Redis, compared`, "s", there.seconds),
      counted("copy-back", "the same back into SQLite", "s", again.seconds),
      counted("copy-memory", "memory that the copies took", "MB", Math.max(there.grown, again.grown)),
    ];
  } finally {
    await redis.kill();
  }
};
