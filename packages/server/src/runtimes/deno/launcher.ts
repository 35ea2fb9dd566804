import { access, constants, copyFile, mkdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { startChild } from "../../async/child-process.ts";
import { limitCommand } from "../processes/process-limits.ts";
import type { Launcher } from "../processes/sandbox-process.ts";
import { makeWorkFolder } from "../processes/work-folder.ts";
import { importMap } from "./import-map.ts";
import { denoBinary, harnessFile } from "./locate.ts";

/** Private memory that Deno reserves at start, mostly V8's range for compiled code. */
const DENO_DATA_MB = 640;

export interface LaunchOptions {
  /** Deno's binary; by default that of the `deno` package. */
  denoPath?: string;
  /** The built harness; by default the one beside the program. */
  harness?: string;
  /** Limit of V8's heap. */
  memoryMb: number;
  /** Parent of the folder that the processes run in; the system's temporary folder by default. */
  workFolder?: string;
}

/** There must be no `--allow` flag: only the broker decides what a plugin may do. */
const flags = [
  "--quiet",
  "--no-prompt",
  "--no-remote",
  "--no-npm",
  "--no-config",
  "--no-lock",
  "--cached-only",
  "--no-code-cache",
];

/** A path that cannot be written, so that Deno works without a cache; on Windows a folder. */
const cacheFolder = (folder: string): string =>
  process.platform === "win32" ? path.join(folder, "deno") : "/dev/null/deno";

const environment = (folder: string): Record<string, string> => ({
  DENO_DIR: cacheFolder(folder),
  // Otherwise Deno retries for about 150 ms to write the transpiled TypeScript.
  DENO_EMIT_CACHE_MODE: "disable",
  DENO_NO_UPDATE_CHECK: "1",
  NO_COLOR: "1",
  // Windows cannot open a pipe without it.
  ...(process.platform === "win32" && { SystemRoot: "C:\\Windows" }),
});

/** @throws Error with the reason, which names no path because clients may see it */
const assertAccess = (file: string, mode: number, reason: string): Promise<void> =>
  access(file, mode).catch((cause: unknown) => {
    throw new Error(reason, { cause });
  });

/**
 * Prepares a launcher of processes without permissions: an empty folder to run in, the import map and this machine's
 * hard limits. The harness runs from a copy, because its path is in stack traces and would tell a plugin where the
 * server is installed, and by which user.
 * @throws Error if Deno or the harness is missing, or this machine cannot run the sandbox
 */
export const createLauncher = async ({
  denoPath: deno = denoBinary(),
  harness = harnessFile(),
  memoryMb,
  workFolder = tmpdir(),
}: LaunchOptions): Promise<Launcher> => {
  await assertAccess(deno, constants.X_OK, "Deno's binary is not there or cannot be run");
  await assertAccess(harness, constants.R_OK, "the sandbox's harness is not there");
  const folder = await makeWorkFolder(workFolder);
  const cwd = path.join(folder, "empty");
  const map = path.join(folder, "import-map.json");
  const copy = path.join(folder, "harness.js");
  await mkdir(cwd);
  await copyFile(harness, copy);
  await writeFile(map, JSON.stringify(importMap(copy)));
  const v8 = `--v8-flags=--max-old-space-size=${memoryMb},--disallow-code-generation-from-strings`;
  const limits = await limitCommand({ dataMb: DENO_DATA_MB + memoryMb, fileBytes: 0, openFiles: 64 });
  const command = [...limits, deno, "run", ...flags, `--import-map=${map}`, v8, copy];
  const [file = deno, ...args] = command;
  return {
    start: () =>
      startChild(file, args, {
        cwd,
        env: environment(folder),
        detached: process.platform !== "win32",
        windowsHide: true,
      }),
    dispose: () => rm(folder, { recursive: true, force: true }),
  };
};
