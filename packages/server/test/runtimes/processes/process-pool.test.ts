import { pino } from "pino";
import { expect, onTestFinished, test, vi } from "vitest";
import { createLauncher } from "../../../src/runtimes/deno/launcher.ts";
import { createProcessPool } from "../../../src/runtimes/processes/process-pool.ts";
import { good } from "../deno/fixture.ts";

test("only processes that have a plugin are watched: an idle server reads nothing of the others", async () => {
  const launcher = await createLauncher({ memoryMb: 64, bwrap: null });
  const fault = vi.fn<(tree: readonly number[]) => undefined>();
  const pool = createProcessPool({
    launcher: Promise.resolve({ ...launcher, fault }),
    memoryMb: 64,
    maxProcesses: 2,
    log: pino({ level: "silent" }),
  });
  onTestFinished(async () => {
    await pool.stop();
    await launcher.dispose();
  });
  const [waiting, loaded] = await Promise.all([pool.start(() => {}), pool.start(() => {})]);
  await Promise.all([waiting.ready, loaded.ready]);
  await loaded.load(good, good.source.toString("utf8"));
  await vi.waitFor(() => expect(fault.mock.calls.length).toBeGreaterThan(3));
  expect(new Set(fault.mock.calls.map(([tree]) => tree[0]))).toEqual(new Set([loaded.pid]));
});
