import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { bundleScript } from "../support/script.ts";

test("the program exits with 0 and no error when its reader closes the pipe, as `head` does", async () => {
  const program = await bundleScript(path.resolve(import.meta.dirname, "../../src/cli/main.ts"));
  const child = spawn(process.execPath, [program, "--help"], { stdio: ["ignore", "pipe", "pipe"] });
  child.stdout.destroy();
  const [err, [code]] = await Promise.all([text(child.stderr), once(child, "exit")]);
  expect({ code, err }).toEqual({ code: 0, err: "" });
});
