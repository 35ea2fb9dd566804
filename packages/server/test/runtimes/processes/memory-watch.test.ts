import { spawn } from "node:child_process";
import { expect, onTestFinished, test, vi } from "vitest";
import { watchMemory } from "../../../src/runtimes/processes/memory-watch.ts";

const MB = 1024 * 1024;

/** A process that holds so many megabytes outside of V8's heap, once it has said so. */
const holding = async (mb: number) => {
  const source = `const kept = Buffer.alloc(${mb * MB}, 1); console.log(kept.length); setInterval(() => kept, 1000);`;
  const child = spawn(process.execPath, ["-e", source], { stdio: ["ignore", "pipe", "ignore"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  await new Promise((resolve) => child.stdout.once("data", resolve));
  const crash = vi.fn(() => void child.kill("SIGKILL"));
  return { pid: child.pid ?? 0, crash };
};

test("the memory watch ends a process over the limit, and no other", async () => {
  const [small, large] = await Promise.all([holding(1), holding(300)]);
  onTestFinished(watchMemory(() => [small, large], 200 * MB));
  await vi.waitFor(() => expect(large.crash).toHaveBeenCalledWith("it held more than 200 MB of memory"), {
    timeout: 10_000,
  });
  expect(small.crash).not.toHaveBeenCalled();
});
