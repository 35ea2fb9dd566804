import { Pool } from "undici";
import { withServices } from "./in-process.ts";
import { median, type Row, throughput, timed } from "./measure.ts";
import { addRegistry, benchRegistry, install } from "./plugins.ts";
import { startRawEcho } from "./raw-echo.ts";
import { API_KEY, type BenchServer } from "./server.ts";

const MESSAGE_BYTES = 200;
const ROUNDS = 5;
const SEQUENTIAL = 1_000;
const IN_FLIGHT = 64;
const CALLS = 20_000;

/**
 * Calls of a plugin inside one process, alternating with raw messages over a pipe to the same Deno, so that noise
 * affects both.
 */
const benchCall = (): Promise<{ callMs: number; rawMs: number }> =>
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
    const use = () => plugins.use({ namespace: "echo", arg: "hello" });
    const calls: number[] = [];
    const messages: number[] = [];
    for (let i = 0; i < ROUNDS; i++) {
      messages.push(...(await timed(SEQUENTIAL, () => raw.send(message), { warmup: 200 })));
      calls.push(...(await timed(SEQUENTIAL, use, { warmup: 200 })));
    }
    raw.stop();
    return { callMs: median(calls), rawMs: median(messages) };
  });

/** Use of an echo script inside the server and over HTTP. */
export const benchUse = async (server: BenchServer): Promise<Row[]> => {
  const { callMs, rawMs } = await benchCall();
  const registry = await addRegistry(server.client, await benchRegistry(0));
  await install(server.client, registry, "echo", "1.0.0");

  const pool = new Pool(server.url, { connections: IN_FLIGHT });
  const headers = { authorization: `Bearer ${Buffer.from(API_KEY).toString("base64")}` };
  const use = async () => {
    const { body } = await pool.request({
      method: "POST",
      path: "/api/plugins/use?plugin=echo&arg=hello",
      headers,
    });
    const { success } = (await body.json()) as { success: number };
    if (success !== 1) throw new Error("the echo script failed");
  };
  const useMs = median(await timed(2 * SEQUENTIAL, use, { warmup: 500 }));
  await throughput(CALLS / 4, IN_FLIGHT, use);
  const perSecond = await throughput(CALLS, IN_FLIGHT, use);
  await pool.close();

  return [
    {
      name: "use of an echo script, one after another",
      value: callMs,
      unit: "ms",
      floor: rawMs,
      target: "≤ 2× one raw message over the pipe",
      met: callMs <= 2 * rawMs,
    },
    {
      name: "the same over HTTP",
      value: useMs,
      unit: "ms",
      floor: rawMs,
      target: "none, for orientation",
      met: true,
    },
    {
      name: "use of an echo script, 64 in flight, over HTTP",
      value: perSecond,
      unit: "calls/s",
      target: "≥ 3,000",
      met: perSecond >= 3_000,
    },
  ];
};
