import { type ChildProcess, execFile, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const run = promisify(execFile);
const root = path.resolve(import.meta.dirname, "..");
const MINUTE = 60_000;

/** The fenced shell blocks of the README, one command a line. */
const commandsOf = (readme: string): string[] =>
  [...readme.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block]) => (block ?? "").trim().split("\n"));

/** Starts a command in a process group of its own and gathers what it prints. */
const begin = (command: string, cwd: string, env: Record<string, string>) => {
  const child: ChildProcess = spawn("sh", ["-c", command], {
    cwd,
    detached: true,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let printed = "";
  child.stdout?.on("data", (chunk: Buffer) => (printed += chunk));
  child.stderr?.on("data", (chunk: Buffer) => (printed += chunk));
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  return { child, ended, printed: () => printed };
};

/** Ends a group that this test started, and waits until it is gone. */
const end = async ({ child, ended }: ReturnType<typeof begin>): Promise<void> => {
  if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, "SIGTERM");
  await ended;
};

const waitFor = async (command: ReturnType<typeof begin>, pattern: RegExp): Promise<RegExpExecArray> => {
  const deadline = Date.now() + 3 * MINUTE;
  for (;;) {
    const found = pattern.exec(command.printed());
    if (found) return found;
    if (command.child.exitCode !== null || Date.now() > deadline) throw new Error(command.printed());
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};

// The clone's own `npm test` must not clone again.
describe.skipIf(process.env.HITAGI_IN_CLONE)("the README's commands in a fresh clone", () => {
  let folder: string;
  let clone: string;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "hitagi-clone-"));
    clone = path.join(folder, "hitagi");
    await run("git", ["clone", "--quiet", "--no-local", "--depth", "1", `file://${root}`, clone]);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test("are npm start and npm test, with nothing before them", async () => {
    const commands = commandsOf(await readFile(path.join(clone, "README.md"), "utf8"));
    expect(commands.slice(0, 2)).toEqual(["npm start", "npm test"]);
  });

  test("npm start installs, builds and serves; a second one does neither again", {
    timeout: 5 * MINUTE,
  }, async () => {
    const env = { HITAGI_PORT: "0", HITAGI_DATA: path.join(folder, "data") };
    const first = begin("npm start", clone, env);
    try {
      const [url] = await waitFor(first, /http:\/\/127\.0\.0\.1:\d+/);
      expect((await fetch(url)).status).toBe(200);
      const listed = await fetch(`${url}/api/plugins/all`);
      expect(listed.status).toBe(401);
      expect(existsSync(path.join(folder, "data", "api-key"))).toBe(true);
      expect(first.printed()).toContain("api-key");
    } finally {
      await end(first);
    }
    const second = begin("npm start", clone, env);
    try {
      await waitFor(second, /http:\/\/127\.0\.0\.1:\d+/);
      expect(second.printed()).not.toMatch(/Installing|Building/);
    } finally {
      await end(second);
    }
  });

  test("npm test installs what tests need, runs them, and ends with the count", {
    timeout: 5 * MINUTE,
  }, async () => {
    const tests = begin("npm test -- packages/contract", clone, { HITAGI_IN_CLONE: "1" });
    expect(await tests.ended, tests.printed()).toBe(0);
    expect(tests.printed().trim().split("\n").at(-1)).toMatch(/^\d+ passed, 0 failed, \d+ skipped$/);
  });
});
