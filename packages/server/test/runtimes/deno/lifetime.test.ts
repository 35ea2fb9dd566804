import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { build } from "esbuild";
import { beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { harnessFile } from "../../../src/runtimes/deno/locate.ts";
import { processTree } from "../../../src/runtimes/processes/process-tree.ts";
import { isAlive } from "../../support/processes.ts";

const server = path.resolve(import.meta.dirname, "../../..");
let program = "";

/** A server in small: one runtime and one call, as a program of its own that can be ended in every way. */
const SOURCE = `
  import { pino } from "pino";
  import { createDenoRuntime } from "./src/runtimes/deno/deno.ts";
  const [harness, body, end] = process.argv.slice(2);
  const source = Buffer.from('export default { type: "script", async run(ctx) { await ctx.library.get("x"); ' + body + " } }");
  const runtime = createDenoRuntime({ log: pino({ level: "silent" }), harness });
  const code = { namespace: "probe", sha256: "00", filename: "probe.ts", source };
  const onHostRequest = async () => void process.stdout.write("begun\\n");
  process.stdin.once("data", () => { if (end === "exit") process.exit(0); throw new Error("end"); });
  runtime.call(code, { entry: "run", context: { arg: "", settings: {} }, onHostRequest, timeoutMs: 60_000 }).catch(() => {});
`;

beforeAll(async () => {
  const { outputFiles } = await build({
    stdin: { contents: SOURCE, resolveDir: server, loader: "ts" },
    bundle: true,
    platform: "node",
    format: "esm",
    external: ["pino", "typebox", "semver"],
    write: false,
  });
  program = outputFiles[0]?.text ?? "";
});

const LOOP = "for (;;);";

/** The processor time that a process has used, in hundredths of a second; that of one that has ended is 0. */
const ticksOf = (pid: number): number => {
  if (!existsSync(`/proc/${pid}`)) return 0;
  const [, fields = ""] = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ");
  const [user, system] = fields.split(" ").slice(11);
  return Number(user) + Number(system);
};

/** Expects that one of the processes works without a pause: it has used a tenth of a second more than before. */
const isBusy = (pids: readonly number[]) => {
  const before = pids.map(ticksOf);
  return (): void => {
    const used = pids.map((pid, n) => ticksOf(pid) - (before[n] ?? 0));
    expect(Math.max(...used)).toBeGreaterThanOrEqual(10);
  };
};

/** Starts the program, waits until its plugin runs, and gives the ids of its sandboxes. */
const start = async (body: string, end: string): Promise<{ child: ChildProcess; sandboxes: number[] }> => {
  const file = path.join(
    server,
    "dist",
    `lifetime-${process.pid}-${Math.random().toString(36).slice(2)}.mjs`,
  );
  await writeFile(file, program);
  onTestFinished(() => rm(file, { force: true }));
  const child = spawn(process.execPath, [file, harnessFile(), body, end], {
    stdio: ["pipe", "pipe", "ignore"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let sandboxes: number[] = [];
  const poll = setInterval(() => {
    sandboxes = [...new Set([...sandboxes, ...processTree(child.pid ?? 0).slice(1)])];
  }, 5);
  onTestFinished(() => clearInterval(poll));
  await new Promise((resolve) => child.stdout?.once("data", resolve));
  return { child, sandboxes };
};

describe.runIf(process.platform === "linux")("when the server ends, its sandboxes end", () => {
  test.each([
    ["by a signal that it cannot catch, with a plugin in an endless loop", LOOP, "SIGKILL"],
    ["by a signal that it cannot catch, with a plugin that waits", "await new Promise(() => {});", "SIGKILL"],
    ["by leaving", LOOP, "exit"],
    ["by an error that is not caught", LOOP, "throw"],
  ])("%s", async (_, body, end) => {
    const { child, sandboxes } = await start(body, end);
    expect(sandboxes.length).toBeGreaterThan(0);
    if (body === LOOP) await vi.waitFor(isBusy(sandboxes));
    if (end === "SIGKILL") child.kill("SIGKILL");
    else child.stdin?.write("end");
    await vi.waitFor(() => expect(sandboxes.filter(isAlive)).toEqual([]));
  });
});

const startSandbox = async () => {
  const { createLauncher } = await import("../../../src/runtimes/deno/launcher.ts");
  const { denoBinary } = await import("../../../src/runtimes/deno/locate.ts");
  const launcher = await createLauncher({ denoPath: denoBinary(), harness: harnessFile(), memoryMb: 128 });
  onTestFinished(() => launcher.dispose());
  const child = launcher.start();
  onTestFinished(() => void child.kill("SIGKILL"));
  return { child, gone: new Promise((resolve) => child.once("exit", resolve)) };
};

test("a sandbox ends when its input does", async () => {
  const { child, gone } = await startSandbox();
  await new Promise((resolve) => child.stdout.once("data", resolve));
  child.stdin.end();
  expect(await gone).toBe(0);
});

test("a sandbox whose server went before it could say that it is ready ends too", async () => {
  const { child, gone } = await startSandbox();
  child.stdout.destroy();
  expect(await gone).toBe(0);
});
