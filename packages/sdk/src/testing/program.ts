import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { createInterface } from "node:readline";

/** What the program answers to one request. */
type Answer = { id: number } & ({ value: unknown } | { error: { message: string; hint: string } });

/** The program `hitagi`, which has the sandbox: that of the environment, the one installed beside, else the one on the PATH. */
const programFor = (file: string): [command: string, args: string[]] => {
  const named = process.env.HITAGI_PROGRAM;
  if (named) return [process.execPath, [named]];
  for (const from of [file, path.join(process.cwd(), "x"), import.meta.url]) {
    try {
      const manifest = createRequire(from).resolve("hitagi/package.json");
      const program = path.join(path.dirname(manifest), "bin", "hitagi.js");
      if (existsSync(program)) return [process.execPath, [program]];
    } catch {
      // It is not installed there.
    }
  }
  return ["hitagi", []];
};

/** Runs plugins in another process, as long as this one lives. */
export interface Program {
  /** @throws Error with a hint, as the program answers */
  ask(request: object): Promise<unknown>;
  close(): void;
}

const NOT_FOUND =
  "The program `hitagi`, which has the sandbox, was not found. Install it beside the tests (`npm install --save-dev` with its .tgz), put it on the PATH, or name its bin/hitagi.js in HITAGI_PROGRAM.";

/** The process must not keep the tests from ending, except while they wait for an answer. */
const setWaiting = (child: ChildProcess, isWaiting: boolean): void => {
  for (const one of [child, child.stdin, child.stdout] as { ref?: () => void; unref?: () => void }[]) {
    if (isWaiting) one.ref?.();
    else one.unref?.();
  }
};

const start = (file: string): Program => {
  const [command, args] = programFor(file);
  const child = spawn(command, [...args, "test-host"], { stdio: ["pipe", "pipe", "inherit"] });
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  let last = 0;
  let ended: Error | undefined;

  const fail = (error: Error): void => {
    ended ??= error;
    for (const { reject } of waiting.values()) reject(ended);
    waiting.clear();
  };
  child.once("error", (error: NodeJS.ErrnoException) =>
    fail(error.code === "ENOENT" ? new Error(NOT_FOUND) : error),
  );
  child.once("exit", (code) => fail(new Error(`hitagi test-host ended with ${code}.`)));
  child.stdin?.on("error", () => {});
  createInterface({ input: child.stdout as NonNullable<typeof child.stdout> }).on("line", (line) => {
    const answer = JSON.parse(line) as Answer;
    const asked = waiting.get(answer.id);
    waiting.delete(answer.id);
    if (waiting.size === 0) setWaiting(child, false);
    if ("error" in answer) asked?.reject(new Error(`${answer.error.message}\nhint: ${answer.error.hint}`));
    else asked?.resolve(answer.value);
  });
  setWaiting(child, false);
  return {
    ask: (request) =>
      new Promise((resolve, reject) => {
        if (ended) return reject(ended);
        last++;
        waiting.set(last, { resolve, reject });
        setWaiting(child, true);
        child.stdin?.write(`${JSON.stringify({ id: last, ...request })}\n`);
      }),
    close: () => {
      child.stdin?.end();
    },
  };
};

let running: Program | undefined;

/** The one program of this process, which is started for the first plugin. */
export const program = (file: string): Program => {
  running ??= start(file);
  return running;
};

/** Ends the program at once. It ends by itself with the tests. */
export const closeSandbox = (): void => {
  running?.close();
  running = undefined;
};
