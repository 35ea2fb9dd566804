import { Pool } from "undici";
import { median, type Row, throughput, timed } from "./measure.ts";
import { addRegistry, benchRegistry, install } from "./plugins.ts";
import { startRawEcho } from "./raw-echo.ts";
import { API_KEY, type BenchServer } from "./server.ts";

const MESSAGE_BYTES = 200;
const SEQUENTIAL = 2_000;
const IN_FLIGHT = 64;
const CALLS = 20_000;

/** Use of an echo script over HTTP, against one raw message over a pipe to the same Deno. */
export const benchUse = async (server: BenchServer): Promise<Row[]> => {
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
  const ping = async () => {
    const { body } = await pool.request({ method: "GET", path: "/api/info" });
    await body.arrayBuffer();
  };

  const raw = await startRawEcho(server.folder);
  const message = Buffer.alloc(MESSAGE_BYTES, "x");
  const rawMs = median(await timed(SEQUENTIAL, () => raw.send(message), { warmup: 200 }));
  raw.stop();
  const useMs = median(await timed(SEQUENTIAL, use, { warmup: 500 }));
  const httpMs = median(await timed(SEQUENTIAL, ping, { warmup: 200 }));
  await throughput(CALLS / 4, IN_FLIGHT, use);
  const perSecond = await throughput(CALLS, IN_FLIGHT, use);
  await pool.close();

  const callMs = useMs - httpMs;
  return [
    {
      name: "use of an echo script, one after another, less an empty HTTP call",
      value: callMs,
      unit: "ms",
      floor: rawMs,
      target: "≤ 2× one raw message over the pipe",
      met: callMs <= 2 * rawMs,
    },
    {
      name: "use of an echo script, one after another, HTTP included",
      value: useMs,
      unit: "ms",
      floor: rawMs,
      target: "≤ 2× one raw message over the pipe",
      met: useMs <= 2 * rawMs,
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
