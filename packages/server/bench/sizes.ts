import { cp } from "node:fs/promises";
import pLimit from "p-limit";
import { Pool } from "undici";
import { ownFolder } from "../../../scripts/own-folder.mjs";
import { fillStore } from "../../web/bench/large-server.ts";
import { compare } from "./compare.ts";
import { type BenchOptions, compared, median, type Row, timed, timeOf } from "./measure.ts";
import { addRegistry, benchRegistry, finished, manyNames } from "./plugins.ts";
import { API_KEY, type BenchServer, startServer } from "./server.ts";

/** Archives and entries of the history of the two servers, and the plugins of each. */
const [SMALL, LARGE, PLUGINS] = [1000, 100_000, 1000];
const [ROUNDS, REQUESTS, AT_ONCE, POLL_MS] = [5, 30, 4, 20];

const headers = { authorization: `Bearer ${Buffer.from(API_KEY).toString("base64")}` };

/** What is asked of both servers: a page of fifty, or the list of a thousand plugins. */
const requests: readonly { id: string; name: string; path: string }[] = [
  { id: "list", name: `list of ${PLUGINS} plugins`, path: "/api/plugins/all" },
  { id: "search", name: "search over plugins", path: "/api/plugins/available?q=many" },
  { id: "page", name: "page of archives", path: "/api/library/archives?size=50&page=10" },
  {
    id: "sorted",
    name: "page of archives by title",
    path: "/api/library/archives?size=50&page=10&sort=title",
  },
  { id: "found", name: "page of archives with words", path: "/api/library/archives?size=50&q=title" },
  { id: "history", name: "page of the history", path: "/api/history?size=50" },
];

const installMany = async ({ client }: BenchServer, folder: string): Promise<void> => {
  const registry = await addRegistry(client, folder);
  await pLimit(AT_ONCE).map(manyNames(PLUGINS), async (namespace) => {
    await finished(client, (await client.installPlugin({ body: { namespace, registry } })).job, POLL_MS);
  });
};

const start = (data: string) => startServer(data, { HITAGI_HISTORY_ENTRIES: String(2 * LARGE) });

/** A folder with the small library and all plugins, and a copy of it with the large library. */
const filled = async (): Promise<[few: string, many: string]> => {
  const [few, many] = [ownFolder("hitagi-bench-size-"), ownFolder("hitagi-bench-size-")];
  await fillStore(few, { archives: SMALL, entries: SMALL });
  const server = await start(few);
  await installMany(server, await benchRegistry(PLUGINS)).finally(server.stop);
  await cp(few, many, { recursive: true });
  await fillStore(many, { archives: LARGE, entries: LARGE });
  return [few, many];
};

const millisecondsOf = async (pool: Pool, path: string): Promise<number> =>
  median(
    await timed(
      REQUESTS,
      async () => {
        const { statusCode, body } = await pool.request({ method: "GET", path, headers });
        await body.dump({ limit: Number.MAX_SAFE_INTEGER });
        if (statusCode !== 200) throw new Error(`${path} was answered with ${statusCode}`);
      },
      { warmup: 3 },
    ),
  );

const compareRequests = async (
  small: BenchServer,
  large: BenchServer,
  tries: number,
): Promise<readonly Row[]> => {
  const [few, many] = [new Pool(small.url), new Pool(large.url)];
  const rows: Row[] = [];
  for (const { id, name, path } of requests) {
    const found = await compare(
      ROUNDS,
      async () => ({ floor: await millisecondsOf(few, path), value: await millisecondsOf(many, path) }),
      tries,
    );
    const against = `${name}, beside ${LARGE.toLocaleString("en")} archives against ${SMALL.toLocaleString("en")}`;
    rows.push(compared(`size-${id}`, against, "ms", found));
  }
  await Promise.all([few.close(), many.close()]);
  return rows;
};

/** Requests to a server with 100,000 archives, against one with 1,000, each with 1,000 plugins; and the start of both. */
export const benchSizes = async ({ tries }: BenchOptions): Promise<Row[]> => {
  const [few, many] = await filled();
  const [small, large] = [await start(few), await start(many)];
  const rows: Row[] = [];
  try {
    rows.push(...(await compareRequests(small, large, tries)));
  } finally {
    await Promise.all([small.stop(), large.stop()]);
  }
  const startOf = (data: string) => timeOf(async () => (await start(data)).stop());
  const started = await compare(3, async () => ({ floor: await startOf(few), value: await startOf(many) }));
  rows.push(compared("size-start", "start and stop with as many", "ms", started));
  return rows;
};
