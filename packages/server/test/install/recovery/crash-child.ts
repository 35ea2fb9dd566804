import type { FaultPoint } from "../../../src/install/deps.ts";
import { compose, openRuntime } from "../compose.ts";
import { operations } from "../operations.ts";

/*
 * A server cut down to one operation that kills itself on the way, as a power cut or the kernel would.
 * Arguments: the harness, data folder, registry, operation or `recover`, fault point or `start`, microseconds after it.
 */
const [harness = "", data = "", registry = "", name = "", point = "", micros = "0"] = process.argv.slice(2);

const die = (): void => void process.kill(process.pid, "SIGKILL");

/** Dies at a time that falls between two steps of anything, without holding up the event loop. */
const dieAfter = (ms: number): void => {
  const end = performance.now() + ms;
  const look = (): void => void (performance.now() >= end ? die() : setImmediate(look));
  look();
};

const at = (passed: FaultPoint): void => {
  if (passed === point) dieAfter(Number(micros) / 1000);
};

const runtime = openRuntime(harness, 0);
const world = await compose(data, { runtime, at });
if (point === "start") dieAfter(Number(micros) / 1000);
await (name === "recover" ? world.installer.recover() : operations[name]?.run(world.installer, registry));
await runtime.stop();
await world.close();
