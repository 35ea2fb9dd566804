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
    const calls = quick ? 300 : 1000;
    const one = await compare(
      7,
      async () => ({
        floor: median(await timed(calls, send, { warmup: 100 })),
        value: median(await timed(calls, use, { warmup: 100 })),
      }),
      tries,
    );
    const many = await compare(
      7,
      async () => ({
        floor: await throughput(10 * calls, IN_FLIGHT, send),
        value: await throughput(2 * calls, IN_FLIGHT, use),
      }),
      tries,
    );
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
  const calls = quick ? 300 : 1000;
  try {
    const one = await compare(
      7,
      async () => ({
        floor: median(await timed(calls, bare, { warmup: 100 })),
        value: median(await timed(calls, use, { warmup: 100 })),
      }),
      tries,
    );
    const many = await compare(
      7,
      async () => ({
        floor: await throughput(4 * calls, IN_FLIGHT, bare),
        value: await throughput(4 * calls, IN_FLIGHT, use),
      }),
      tries,
    );
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
