import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { chmod, cp, mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { tempFolder } from "../packages/server/test/support/temp-folder.ts";

const run = promisify(execFile);
const root = path.resolve(import.meta.dirname, "..");

/** An npm that notes how it is called. */
const NPM = `#!/usr/bin/env node
require("node:fs").appendFileSync(process.env.CALLS, process.argv.slice(2).join(" ") + "\\n");
`;

const LOCK = "{}";
const lockHash = createHash("sha256").update("package-lock.json").update("\0").update(LOCK).digest("hex");

/** A checkout with the scripts, in which dependencies were installed for `run` or `dev`. */
const checkoutAfter = async (installed: "run" | "dev") => {
  const folder = await tempFolder();
  for (const script of ["pack.mjs", "prepare.mjs"])
    await cp(path.join(root, "scripts", script), path.join(folder, "scripts", script));
  for (const name of ["contract", "sdk", "server"])
    await mkdir(path.join(folder, "packages", name), { recursive: true });
  await mkdir(path.join(folder, "node_modules"));
  await writeFile(path.join(folder, "package-lock.json"), LOCK);
  await writeFile(path.join(folder, "node_modules", ".hitagi-stamp"), `${lockHash} ${installed}`);
  await mkdir(path.join(folder, "bin"));
  await writeFile(path.join(folder, "bin", "npm"), NPM);
  await chmod(path.join(folder, "bin", "npm"), 0o755);
  return folder;
};

const callsOfPack = async (folder: string): Promise<string[]> => {
  const calls = path.join(folder, "calls");
  await run(process.execPath, [path.join(folder, "scripts", "pack.mjs")], {
    cwd: folder,
    env: { ...process.env, PATH: `${path.join(folder, "bin")}:${process.env.PATH}`, CALLS: calls },
  });
  return (await readFile(calls, "utf8")).trim().split("\n");
};

test("after npm start, which installs no compiler, npm run pack installs it before it packs", async () => {
  const [first, ...others] = await callsOfPack(await checkoutAfter("run"));
  expect(first).toMatch(/^ci /);
  expect(first).not.toContain("--omit=dev");
  expect(others.map((call) => call.split(" ")[0])).toEqual(["pack", "pack", "pack"]);
});

test("npm run pack installs nothing where all is there", async () => {
  const calls = await callsOfPack(await checkoutAfter("dev"));
  expect(calls.map((call) => call.split(" ")[0])).toEqual(["pack", "pack", "pack"]);
});
