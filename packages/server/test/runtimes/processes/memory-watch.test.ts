import { spawn } from "node:child_process";
import { expect, onTestFinished, test, vi } from "vitest";
import { watchMemory } from "../../../src/runtimes/processes/memory-watch.ts";
import { processTree } from "../../../src/runtimes/processes/process-tree.ts";

const MB = 1024 * 1024;

/** A process that runs a program, once it has printed something. */
const running = async (source: string) => {
  const child = spawn(process.execPath, ["-e", source], {
    stdio: ["ignore", "pipe", "ignore"],
    detached: true,
  });
  const end = () => {
    if (child.exitCode === null && child.signalCode === null) process.kill(-(child.pid ?? 0), "SIGKILL");
  };
  onTestFinished(end);
  await new Promise((resolve) => child.stdout.once("data", resolve));
  return { pid: child.pid ?? 0, crash: vi.fn(end) };
};

/** A process that holds so many megabytes outside of V8's heap. */
const holding = (mb: number) =>
  running(
    `const kept = Buffer.alloc(${mb * MB}, 1); console.log(kept.length); setInterval(() => kept, 1000);`,
  );

/** A process with so many children, each of which holds so many megabytes. */
const childrenHolding = (children: number, mb: number) =>
  running(`
    const source = "const kept = Buffer.alloc(${mb * MB}, 1); console.log(kept.length); setInterval(() => kept, 1000);";
    let started = 0;
    for (let n = 0; n < ${children}; n++) {
      const child = require("node:child_process").spawn(process.execPath, ["-e", source]);
      child.stdout.on("data", () => { if (++started === ${children}) console.log("all"); });
    }
    setInterval(() => {}, 1000);`);

/** A process that starts another one when it gets a signal. */
const STARTS_ONE_LATER = `
  process.once("SIGUSR2", () => require("node:child_process").spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]));
  setInterval(() => {}, 1000);
  console.log("waits");`;

test("the memory watch ends a process over the limit, and no other", async () => {
  const [small, large] = await Promise.all([holding(1), holding(300)]);
  onTestFinished(watchMemory(() => [small, large], { memory: 200 * MB }));
  await vi.waitFor(() => expect(large.crash).toHaveBeenCalledWith("it held more than 200 MB of memory"));
  expect(small.crash).not.toHaveBeenCalled();
});

test.skipIf(process.platform !== "linux")("counts the memory of all processes below it", async () => {
  const parent = await childrenHolding(3, 120);
  expect(processTree(parent.pid)).toHaveLength(4);
  onTestFinished(watchMemory(() => [parent], { memory: 300 * MB }));
  await vi.waitFor(() => expect(parent.crash).toHaveBeenCalledWith("it held more than 300 MB of memory"));
});

test.skipIf(process.platform !== "linux")("ends a process for another fault of its tree", async () => {
  const parent = await childrenHolding(2, 1);
  const fault = (tree: readonly number[]) => (tree.length > 2 ? "too many" : undefined);
  onTestFinished(watchMemory(() => [parent], { memory: 8000 * MB, fault }));
  await vi.waitFor(() => expect(parent.crash).toHaveBeenCalledWith("too many"));
});

test.skipIf(process.platform !== "linux")(
  "watches complete trees too, for what they hold and what they start",
  async () => {
    const [large, parent] = await Promise.all([holding(300), running(STARTS_ONE_LATER)]);
    const fault = (tree: readonly number[]) => (tree.length > 1 ? "it started a process" : undefined);
    const isComplete = (tree: readonly number[]) => tree.length === 1;
    onTestFinished(watchMemory(() => [large, parent], { memory: 200 * MB, fault, isComplete }));
    await vi.waitFor(() => expect(large.crash).toHaveBeenCalledWith("it held more than 200 MB of memory"));
    expect(parent.crash).not.toHaveBeenCalled();
    process.kill(parent.pid, "SIGUSR2");
    await vi.waitFor(() => expect(parent.crash).toHaveBeenCalledWith("it started a process"), {
      timeout: 20_000,
    });
  },
);
