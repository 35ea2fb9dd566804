import autocannon from "autocannon";
import { compare } from "./compare.ts";
import { startFloor } from "./floor-server.ts";
import { type BenchOptions, compared, type Row } from "./measure.ts";
import { addRegistry, benchRegistry, install, manyNames } from "./plugins.ts";
import { API_KEY, type BenchServer } from "./server.ts";

const authorization = `Bearer ${Buffer.from(API_KEY).toString("base64")}`;

/** Requests a second of the addresses in turn, or of one. */
export const requestsPerSecond = async (
  url: string,
  seconds: number,
  headers: object,
  paths: readonly string[] = [],
): Promise<number> => {
  const { requests, non2xx, statusCodeStats } = await autocannon({
    url,
    connections: 10,
    duration: seconds,
    headers: { authorization, ...headers },
    ...(paths.length > 0 && { requests: paths.map((path) => ({ path })) }),
  });
  // autocannon counts 304 among those that are not 2xx.
  const known = statusCodeStats?.["304"]?.count ?? 0;
  if (non2xx > known) throw new Error(`${non2xx} requests to ${url} failed`);
  return requests.average;
};

/** Lists of plugins against prepared bytes of a bare Fastify, whole and for a client that has them. */
const compareLists = async (
  server: BenchServer,
  count: number,
  { quick, tries }: BenchOptions,
): Promise<Row[]> => {
  const url = `${server.url}/api/plugins/all`;
  const response = await fetch(url, { headers: { authorization } });
  const bytes = Buffer.from(await response.arrayBuffer());
  const listed: unknown[] = JSON.parse(bytes.toString());
  if (listed.length !== count) throw new Error(`${listed.length} plugins listed, not ${count}`);
  const [rounds, seconds] = quick ? [3, 1] : [7, 2];
  const floor = await startFloor(server.folder, bytes);
  const ratio = (headers: object) =>
    compare(
      rounds,
      async () => ({
        floor: await requestsPerSecond(floor.url, seconds, headers),
        value: await requestsPerSecond(url, seconds, headers),
      }),
      tries,
    );
  try {
    const whole = compared(`list-${count}`, `list of ${count} plugins`, "requests/s", await ratio({}));
    if (count > 30) return [whole];
    const known = await ratio({ "if-none-match": response.headers.get("etag") ?? "" });
    return [whole, compared("list-known", "the same for a client that has it (304)", "requests/s", known)];
  } finally {
    floor.stop();
  }
};

export const benchList = async (server: BenchServer, options: BenchOptions): Promise<Row[]> => {
  const builtin = (await server.client.listPlugins({ params: { type: "all" } })).length;
  const counts = options.quick ? [30] : [30, 300];
  const names = manyNames((counts.at(-1) ?? 0) - builtin);
  const registry = await addRegistry(server.client, await benchRegistry(names.length));
  const rows: Row[] = [];
  for (const count of counts) {
    while (names.length > (counts.at(-1) ?? 0) - count)
      await install(server.client, registry, names.pop() ?? "");
    rows.push(...(await compareLists(server, count, options)));
  }
  return rows;
};
