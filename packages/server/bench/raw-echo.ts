import { spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { denoBinary } from "../src/runtimes/deno/locate.ts";
import { killAtExit } from "../test/support/kill-at-exit.ts";

/** The floor of a call: a Deno process that sends every byte back, with no schema, no harness and no plugin. */
const SCRIPT = `
for await (const chunk of Deno.stdin.readable) {
  let at = 0;
  while (at < chunk.length) at += await Deno.stdout.write(chunk.subarray(at));
}
`;

/** Sends a message of the given size over a pipe to Deno and waits until all of it is back. */
export const startRawEcho = async (folder: string) => {
  const script = path.join(folder, "raw-echo.ts");
  await writeFile(script, SCRIPT);
  const child = killAtExit(
    spawn(denoBinary(), ["run", "--no-prompt", "--no-config", "--no-lock", script], {
      stdio: ["pipe", "pipe", "inherit"],
      env: {},
    }),
  );
  const send = (message: Buffer): Promise<void> =>
    new Promise((resolve) => {
      let missing = message.length;
      const onData = (chunk: Buffer) => {
        missing -= chunk.length;
        if (missing > 0) return;
        child.stdout.off("data", onData);
        resolve();
      };
      child.stdout.on("data", onData);
      child.stdin.write(message);
    });
  return { send, stop: () => child.kill() };
};
