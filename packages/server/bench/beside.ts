import type { Client } from "@hitagi/contract";
import { createClient } from "@hitagi/contract";
import { Pool } from "undici";
import { ownFolder } from "../../../scripts/own-folder.mjs";
import { cbz } from "../test/library/cbz.ts";
import { writeRegistry } from "../test/support/registry-fixture.ts";
import { compare } from "./compare.ts";
import { requestsPerSecond } from "./list.ts";
import { type BenchOptions, compared, type Row, throughput } from "./measure.ts";
import { perlEcho } from "./perl.ts";
import { addRegistry, echo, install, manyNames, manyPlugins } from "./plugins.ts";
import { API_KEY, type BenchServer, startServer } from "./server.ts";

/** Calls of a round: LANraragi is slower, and a round of each should take about as long. */
const CALLS = { hitagi: 400, lanraragi: 100 };
const SECONDS = 1;
const ROUNDS = 7;
const ARCHIVES = 100;
/** Words that are searched in turn, each in a tenth of the archives. */
const WORDS = Array.from({ length: 10 }, (_, n) => `series${n}`);
/** Milliseconds between two questions for a job of LANraragi's. */
const JOB_POLL_MS = 50;

const version = "1.0.0";
const perlPlugin = {
  namespace: "perl-echo",
  type: "script" as const,
  versions: [{ version, source: perlEcho(version), artifact: `plugins/${version}/Echo.pm` }],
};
const port = { namespace: "echo", type: "script" as const, versions: [{ version, source: echo(version) }] };

/** What both servers are given. */
interface Load {
  /** The folder of a registry. */
  registry: string;
  plugins: readonly string[];
  archives: number;
}

/**
 * Gives a server a registry, plugins and archives, and takes them back after the work, also where it fails.
 * @param work gets what is to be taken back, and may add to it
 */
export const lent = async <T>(
  client: Client,
  { registry, plugins, archives }: Load,
  work: (registry: string) => Promise<T>,
): Promise<T> => {
  const takeBack: (() => Promise<unknown>)[] = [];
  try {
    const id = await addRegistry(client, registry);
    takeBack.push(() => client.deleteRegistry({ params: { id } }));
    for (const namespace of plugins) {
      await install(client, id, namespace, version, JOB_POLL_MS);
      takeBack.push(() => client.uninstallPlugin({ params: { namespace } }));
    }
    for (let n = 0; n < archives; n++) {
      const title = `Bench ${WORDS[n % WORDS.length]} part ${n}`;
      const file = new Blob([new Uint8Array(cbz(`bench ${n}`))]);
      const { id: archive } = await client.uploadArchive({
        body: { title, tags: `artist:bench${n}` },
        ...{ file, filename: `bench-${n}.cbz` },
      });
      takeBack.push(() => client.deleteArchive({ params: { id: archive } }));
    }
    return await work(id);
  } finally {
    for (const undo of takeBack.reverse()) await undo();
  }
};

/** Requests to one of the servers. */
const requestsTo = (url: string, key: string) => {
  const pool = new Pool(url, { connections: 1 });
  const headers = { authorization: `Bearer ${Buffer.from(key).toString("base64")}` };
  return {
    rate: (...paths: string[]) => requestsPerSecond(`${url}${paths[0]}`, SECONDS, headers, paths),
    use: (plugin: string) => async () => {
      const path = `/api/plugins/use?plugin=${plugin}&arg=hello`;
      const { body } = await pool.request({ method: "POST", path, headers });
      const { success, error } = (await body.json()) as { success: number; error: unknown };
      if (success !== 1) throw new Error(`${plugin} of ${url} failed: ${error}`);
    },
    close: () => pool.close(),
  };
};

/** Both servers of a comparison. */
interface Both {
  hitagi: ReturnType<typeof requestsTo>;
  lanraragi: ReturnType<typeof requestsTo>;
}

const measureBoth = async ({ hitagi, lanraragi }: Both, { tries }: BenchOptions): Promise<Row[]> => {
  const inTurns = (ours: () => Promise<number>, theirs: () => Promise<number>) =>
    compare(ROUNDS, async () => ({ floor: await theirs(), value: await ours() }), tries);
  const get = (...paths: string[]) =>
    inTurns(
      () => hitagi.rate(...paths),
      () => lanraragi.rate(...paths),
    );
  const call = (plugin: string) =>
    inTurns(
      () => throughput(CALLS.hitagi, 1, hitagi.use(plugin)),
      () => throughput(CALLS.lanraragi, 1, lanraragi.use(perlPlugin.namespace)),
    );
  const search = () =>
    inTurns(
      () => hitagi.rate(...WORDS.map((word) => `/api/archives?q=${word}`)),
      () => lanraragi.rate(...WORDS.map((word) => `/api/search?filter=${word}`)),
    );
  return [
    compared("beside-list", "list of plugins", "requests/s", await get("/api/plugins/all")),
    compared("beside-registries", "list of registries", "requests/s", await get("/api/registries")),
    compared("beside-search", `search in ${ARCHIVES} archives`, "requests/s", await search()),
    compared("beside-perl", "call of a Perl plugin", "calls/s", await call(perlPlugin.namespace)),
    compared("beside-port", "call of its TypeScript port", "calls/s", await call(port.namespace)),
  ];
};

/** Gives Hitagi as many plugins and registries as LANraragi has. */
const fill = async (
  { client }: BenchServer,
  registry: string,
  plugins: readonly string[],
  registries: number,
): Promise<void> => {
  const { registries: own } = await client.listRegistries({});
  for (const namespace of plugins) await install(client, own[0]?.id ?? "", namespace, version);
  for (let n = own.length; n < registries; n++) {
    await client.createRegistry({ body: { name: `registry ${n}`, provider: "local", path: registry } });
  }
};

/**
 * A running LANraragi on this machine against a Hitagi with as many plugins and registries, in turns. Both get the same Perl plugin from the
 * same registry, and the same archives, which LANraragi loses again at the end.
 * @returns rows whose floor is LANraragi, and what was compared
 */
export const benchBeside = async (
  address: string,
  key: string,
  options: BenchOptions,
): Promise<{ rows: Row[]; conditions: string[] }> => {
  const [theirs, server] = [createClient(address, key), await startServer(undefined, { HITAGI_PERL: "1" })];
  try {
    const plugins = (await theirs.listPlugins({ params: { type: "all" } })).length + 1;
    const builtin = (await server.client.listPlugins({ params: { type: "all" } })).length;
    const many = manyNames(Math.max(0, plugins - builtin - 2));
    const registry = ownFolder("hitagi-bench-registry-");
    await writeRegistry(registry, [perlPlugin, port, ...manyPlugins(many)]);
    const load = { registry, archives: ARCHIVES, plugins: [perlPlugin.namespace] };
    return await lent(theirs, load, () =>
      lent(server.client, load, async () => {
        const { registries } = await theirs.listRegistries({});
        await fill(server, registry, [port.namespace, ...many], registries.length);
        const both = { hitagi: requestsTo(server.url, API_KEY), lanraragi: requestsTo(address, key) };
        const rows = await measureBoth(both, options);
        await Promise.all([both.hitagi.close(), both.lanraragi.close()]);
        const { version: theirVersion } = await theirs.getInfo({});
        const had = `LANraragi ${theirVersion}. Each had ${plugins} plugins, ${registries.length} registries and ${ARCHIVES} archives or more.`;
        return { rows, conditions: [had] };
      }),
    );
  } finally {
    await server.stop();
  }
};
