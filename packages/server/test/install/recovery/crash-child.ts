import type { FaultPoint } from "../../../src/install/deps.ts";
import { compose, openRuntime } from "../compose.ts";
import { installSet, type Operation, operations } from "../operations.ts";

/*
 * A server cut down to one operation that kills itself on the way, as a power cut or the kernel would.
 * Arguments: the harness, data folder, registry, operation or `recover`, fault point or `start`, microseconds after it. `placed#2` is the
 * second time that a point is passed.
 */
const [harness = "", data = "", registry = "", name = "", point = "", micros = "0"] = process.argv.slice(2);

const die = (): void => void process.kill(process.pid, "SIGKILL");

/** Dies at a time that falls between two steps of anything, without holding up the event loop. */
const dieAfter = (ms: number): void => {
  const end = performance.now() + ms;
  const look = (): void => void (performance.now() >= end ? die() : setImmediate(look));
  look();
};

const [wanted, nth = "1"] = point.split("#");
let passes = 0;
const at = (passed: FaultPoint): void => {
  if (passed === wanted && ++passes === Number(nth)) dieAfter(Number(micros) / 1000);
};

const runtime = openRuntime(harness, 0);
const world = await compose(data, { runtime, at });
if (point === "start") dieAfter(Number(micros) / 1000);
const all: Record<string, Operation> = { ...operations, set: installSet };
await (name === "recover" ? world.installer.recover() : all[name]?.run(world.installer, registry));
await runtime.stop();
await world.close();
