import { readFile, stat, utimes, writeFile } from "node:fs/promises";
import path from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { largeIndex } from "../test/support/large-index.ts";
import type { fixtureIndex } from "../test/support/registry-fixture.ts";
import { compare } from "./compare.ts";
import { withServices } from "./in-process.ts";
import { REWARM_MS } from "./install.ts";
import {
  type BenchOptions,
  compared,
  counted,
  median,
  quantile,
  type Row,
  timed,
  timeOf,
} from "./measure.ts";
import { benchRegistry, install } from "./plugins.ts";
import { API_KEY, type BenchServer, memoryOf, resetPeak } from "./server.ts";

const INSTALLS = 15;
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

/** A refresh of 50,000 versions of 100 plugins, alternating with reading and parsing the same bytes. */
export const benchVersions = async ({ tries }: BenchOptions): Promise<Row[]> => {
  const folder = await benchRegistry(0);
  const file = path.join(folder, "registry.json");
  await writeFile(file, JSON.stringify(largeIndex(100, 500, {})));
  return withServices(async ({ registries, catalog }) => {
    const { id } = await registries.create({ name: "deep", provider: "local", path: folder });
    await catalog.refresh(id);
    const refreshed = await compare(
      5,
      async (round) => {
        collectGarbage();
        const floor = await timeOf(async () => JSON.parse(await readFile(file, "utf8")));
        await touch(file, round + 1);
        return { floor, value: await timeOf(() => catalog.refresh(id)) };
      },
      tries,
    );
    return [
      compared("versions", "refresh of an index of 100 × 500 versions, in the server", "ms", refreshed),
    ];
  });
};

/** Marks the file as changed since the last refresh. */
const touch = (file: string, n: number) => utimes(file, new Date(), new Date(Date.now() + 1000 * n));

/** Collects garbage, so that one measurement's garbage does not count in the next. */
const collectGarbage = (): void => {
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
};

/** Ends the text of a plugin. */
const END = "\0";

/** What a search cannot do without: the plugins of a text that contain the words, once each. */
const scan = (text: string, q: string): number => {
  let found = 0;
  for (let at = text.indexOf(q); at >= 0; at = text.indexOf(q, text.indexOf(END, at))) found++;
  return found;
};

/** The text that a search over an index scans. */
const textOf = (index: string): string => {
  const { plugins } = JSON.parse(index) as ReturnType<typeof fixtureIndex>;
  return Object.values(plugins)
    .map(({ namespace, versions }) => {
      const { name, author, description } = Object.values(versions).at(-1) ?? {};
      return `${namespace}\n${name}\n${author}\n${description}\n${END}`;
    })
    .join("")
    .toLowerCase();
};

/** The longest time for which the event loop was held during some work, in milliseconds. */
const heldBy = async (work: () => Promise<unknown>): Promise<number> => {
  let last = performance.now();
  let longest = 0;
  const timer = setInterval(() => {
    const now = performance.now();
    longest = Math.max(longest, now - last - 1);
    last = now;
  }, 1);
  await work();
  clearInterval(timer);
  return longest;
};

/** A refresh inside the server alternating with reading and parsing the same bytes, and searches over it with a scan of the same text. */
const benchInProcess = (folder: string, file: string, { quick, tries }: BenchOptions): Promise<Row[]> =>
  withServices(async ({ registries, catalog }) => {
    const { id } = await registries.create({ name: "large", provider: "local", path: folder });
    const parse = async () => JSON.parse(await readFile(file, "utf8"));
    const held: number[] = [];
    await catalog.refresh(id);
    const refreshed = await compare(
      quick ? 5 : 9,
      async (round) => {
        collectGarbage();
        const floor = await timeOf(parse);
        await pause(SETTLE_MS / 6);
        await touch(file, round + 1);
        collectGarbage();
        const value = await timeOf(async () => {
          held.push(await heldBy(() => catalog.refresh(id)));
        });
        return { floor, value };
      },
      tries,
    );
    await pause(quick ? SETTLE_MS / 3 : SETTLE_MS);
    const text = textOf(await readFile(file, "utf8"));
    const search = (q: string) => catalog.search({ q, page: 1, size: 50 });
    for (const q of QUERIES) await search(q);
    const searched = await compare(
      7,
      async () => ({
        floor: quantile(await timed(120, (i) => scan(text, QUERIES[i % QUERIES.length] ?? "")), 0.95),
        value: quantile(await timed(120, (i) => search(QUERIES[i % QUERIES.length] ?? "")), 0.95),
      }),
      tries,
    );
    return [
      compared("refresh", "refresh of an index of 10,000 × 5 versions, in the server", "ms", refreshed),
      // A time without a floor says nothing on a busy machine.
      ...(quick
        ? []
        : [counted("refresh-held", "longest hold of the event loop by it, median", "ms", median(held))]),
      compared("search", "search over it, p95, in the server", "ms", searched),
    ];
  });

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Installs out of the small and the large registry alternating, so that noise affects both. */
const benchInstalls = async (
  { client }: BenchServer,
  small: string,
  large: string,
  tries: number,
): Promise<Row> => {
  const installOf = async (id: string, version: string): Promise<number> => {
    const [ms = 0] = await timed(1, () => install(client, id, "echo", version), { pauseMs: REWARM_MS });
    await client.uninstallPlugin({ params: { namespace: "echo" } });
    return ms;
  };
  for (const id of [small, large]) await installOf(id, "1.59.0");
  const found = await compare(
    INSTALLS,
    async (round) => {
      const version = `1.${round}.0`;
      return { floor: await installOf(small, version), value: await installOf(large, version) };
    },
    tries,
  );
  return compared("install-large", "install out of it, against one out of a small one", "ms", found);
};

/** A refresh of a large index against reading and parsing its bytes; its memory; install and search out of it. */
export const benchRefresh = async (server: BenchServer, options: BenchOptions): Promise<Row[]> => {
  const { client } = server;
  const { folder, file } = await largeRegistry();
  const rows = await benchInProcess(folder, file, options);
  if (options.quick) return rows;
  const local = { name: "small", provider: "local" as const, path: await benchRegistry(0) };
  const small = (await client.createRegistry({ body: local })).id;
  await client.refreshRegistry({ params: { id: small } });
  const size = (await stat(file)).size / MB;
  const { id } = await client.createRegistry({ body: { name: "large", provider: "local", path: folder } });
  const before = await memoryOf(server.pid);
  await resetPeak(server.pid);
  await refreshOver(server, id);
  const peak = (await memoryOf(server.pid)).peak - before.now;
  return [
    ...rows,
    {
      ...{ id: "refresh-memory", name: "memory that it adds at its peak, against the index", unit: "MB" },
      ...{ value: peak, floor: size, ratio: peak / size, spread: 0 },
    },
    await benchInstalls(server, small, id, options.tries),
  ];
};
