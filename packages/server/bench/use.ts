import { Pool } from "undici";
import { compare } from "./compare.ts";
import { startFloor } from "./floor-server.ts";
import { withServices } from "./in-process.ts";
import { type BenchOptions, compared, median, type Row, throughput, timed } from "./measure.ts";
import { addRegistry, benchRegistry, install } from "./plugins.ts";
import { MESSAGE_BYTES, startRawEcho } from "./raw-echo.ts";
import { API_KEY, type BenchServer } from "./server.ts";

const IN_FLIGHT = 64;
const headers = { authorization: `Bearer ${Buffer.from(API_KEY).toString("base64")}` };

/** A plugin's call and what it is measured against. */
interface Calls {
  use: () => Promise<unknown>;
  floor: () => Promise<unknown>;
  /** How often each is made in a round, one after another. */
  count: number;
  /** How often in a round with many at once, as a multiple of `count`. */
  atOnce: { use: number; floor: number };
}

/** One call after another, and many at once. */
const compareCalls = async ({ use, floor, count, atOnce }: Calls, tries: number) => {
  const one = await compare(
    7,
    async () => ({
      floor: median(await timed(count, floor, { warmup: 100 })),
      value: median(await timed(count, use, { warmup: 100 })),
    }),
    tries,
  );
  const many = await compare(
    7,
    async () => ({
      floor: await throughput(atOnce.floor * count, IN_FLIGHT, floor),
      value: await throughput(atOnce.use * count, IN_FLIGHT, use),
    }),
    tries,
  );
  return { one, many };
};

/** Calls of a plugin inside one process, against messages over a pipe to the same Deno: one after another, and many at once. */
const benchCall = ({ quick, tries }: BenchOptions): Promise<Row[]> =>
  withServices(async ({ registries, catalog, installer, plugins }, folder) => {
    const { id } = await registries.create({
      name: "bench",
      provider: "local",
      path: await benchRegistry(0),
    });
    await catalog.refresh(id);
    await installer.install({ namespace: "echo", registry: id, version: "1.0.0" });
    const raw = await startRawEcho(folder);
    const message = Buffer.alloc(MESSAGE_BYTES, "x");
    const send = () => raw.send(message);
    const use = () => plugins.use({ namespace: "echo", arg: "hello" });
    const count = quick ? 300 : 1000;
    const calls = { use, floor: send, count, atOnce: { use: 2, floor: 10 } };
    const { one, many } = await compareCalls(calls, tries);
    raw.stop();
    return [
      compared("call", "call of an echo script, in the server", "ms", one),
      compared("call-64", `the same, ${IN_FLIGHT} at once`, "calls/s", many),
    ];
  });

const poster = (pool: Pool, path: string) => async () => {
  const { body } = await pool.request({ method: "POST", path, headers });
  const { success } = (await body.json()) as { success: number };
  if (success !== 1) throw new Error("the echo script failed");
};

/** The same over HTTP, against a bare Fastify route that sends a message over a pipe. */
const benchHttp = async (server: BenchServer, { quick, tries }: BenchOptions): Promise<Row[]> => {
  const registry = await addRegistry(server.client, await benchRegistry(0));
  await install(server.client, registry, "echo", "1.0.0");
  const floor = await startFloor(server.folder, Buffer.from("{}"));
  const pools = [
    new Pool(floor.url, { connections: IN_FLIGHT }),
    new Pool(server.url, { connections: IN_FLIGHT }),
  ];
  const [bare, use] = [
    poster(pools[0] as Pool, "/call"),
    poster(pools[1] as Pool, "/api/plugins/use?plugin=echo&arg=hello"),
  ];
  const count = quick ? 300 : 1000;
  const calls = { use, floor: bare, count, atOnce: { use: 4, floor: 4 } };
  try {
    const { one, many } = await compareCalls(calls, tries);
    return [
      compared("call-http", "call of an echo script over HTTP", "ms", one),
      compared("call-http-64", `the same, ${IN_FLIGHT} at once`, "calls/s", many),
    ];
  } finally {
    await Promise.all(pools.map((pool) => pool.close()));
    floor.stop();
  }
};

export const benchUse = async (server: BenchServer, options: BenchOptions): Promise<Row[]> => [
  ...(await benchCall(options)),
  ...(await benchHttp(server, options)),
];
