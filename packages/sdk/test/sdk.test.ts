import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const root = path.resolve(import.meta.dirname, "../../..");

test("there is nothing in the SDK at run time, so that a plugin needs no import of it", async () => {
  expect(Object.keys(await import("../src/index.ts"))).toEqual([]);
});

test("plugins compile as their authors would write them, and mistakes in them do not", async () => {
  const compiler = path.join(root, "node_modules/typescript/bin/tsc");
  const project = path.join(import.meta.dirname, "authors/tsconfig.json");
  const compiled = promisify(execFile)(process.execPath, [compiler, "-p", project]);
  await expect(compiled.catch((error: { stdout: string }) => error)).resolves.toMatchObject({ stdout: "" });
});
