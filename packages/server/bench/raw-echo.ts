import { spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { denoBinary } from "../src/runtimes/deno/locate.ts";
import { killAtExit } from "../test/support/kill-at-exit.ts";

/** Bytes of a message as large as that of a call of the echo script. */
export const MESSAGE_BYTES = 200;

/** The floor of a call: a Deno process that sends every byte back, with no schema, no harness and no plugin. */
const ECHO = `
for await (const chunk of Deno.stdin.readable) {
  let at = 0;
  while (at < chunk.length) at += await Deno.stdout.write(chunk.subarray(at));
}
`;

/** The floor of an install's vetting: a Deno process that waits for the source of a module, loads it and answers what it exports. */
const LOAD = `
const source = await new Response(Deno.stdin.readable).text();
const { default: plugin } = await import("data:application/javascript," + encodeURIComponent(source));
console.log(JSON.stringify(plugin));
`;

const startDeno = async (folder: string, name: string, script: string) => {
  const file = path.join(folder, name);
  await writeFile(file, script);
  return killAtExit(
    spawn(denoBinary(), ["run", "--no-prompt", "--no-config", "--no-lock", file], {
      stdio: ["pipe", "pipe", "inherit"],
      env: {},
    }),
  );
};

/** Sends messages over a pipe to Deno. `send` resolves when all bytes of the message are back; many may be under way. */
export const startRawEcho = async (folder: string) => {
  const child = await startDeno(folder, "raw-echo.ts", ECHO);
  const waiting: { missing: number; done: () => void }[] = [];
  child.stdout.on("data", (chunk: Buffer) => {
    let left = chunk.length;
    for (let [first] = waiting; first && left > 0; [first] = waiting) {
      const taken = Math.min(left, first.missing);
      left -= taken;
      first.missing -= taken;
      if (first.missing > 0) return;
      waiting.shift();
      first.done();
    }
  });
  const send = (message: Buffer): Promise<void> =>
    new Promise((done) => {
      waiting.push({ missing: message.length, done });
      child.stdin.write(message);
    });
  return { send, stop: () => child.kill() };
};

/** Starts a process that waits. @returns loads a module in it, once */
export const startRawLoad = async (folder: string): Promise<(source: string) => Promise<void>> => {
  const child = await startDeno(folder, "raw-load.ts", LOAD);
  return (source) =>
    new Promise((resolve) => {
      child.stdout.once("data", () => resolve());
      child.stdin.end(source);
    });
};
