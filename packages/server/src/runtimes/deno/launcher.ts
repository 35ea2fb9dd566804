import { spawn } from "node:child_process";
import { constants, copyFile, mkdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Launcher } from "../processes/launcher.ts";
import { mustBe } from "../processes/must-be.ts";
import { makeWorkFolder } from "../processes/work-folder.ts";
import { findWrapper } from "../processes/wrapper.ts";
import { importMap } from "./import-map.ts";

/** Private memory that Deno sets aside at start, nearly all of it unused: mostly V8's range for compiled code. */
const DENO_DATA_MB = 640;

export interface LaunchOptions {
  /** Deno's binary. */
  deno: string;
  /** The built harness. */
  harness: string;
  /** What V8's heap may hold. */
  memoryMb: number;
  /** Where the folder goes that the processes run in; the system's folder for such things where not given. */
  workFolder?: string | undefined;
}

/** No `--allow` flag stands here, and none may: what a plugin may do is decided by the broker alone. */
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

/** On Windows a folder; elsewhere a place where nothing can be written, which Deno takes as having no cache. */
const cacheFolder = (folder: string): string =>
  process.platform === "win32" ? path.join(folder, "deno") : "/dev/null/deno";

const environment = (folder: string): Record<string, string> => ({
  DENO_DIR: cacheFolder(folder),
  // Without it Deno tries again and again to write what it made of the TypeScript, for about 150 ms.
  DENO_EMIT_CACHE_MODE: "disable",
  DENO_NO_UPDATE_CHECK: "1",
  NO_COLOR: "1",
  // Windows opens no pipe without it.
  ...(process.platform === "win32" && { SystemRoot: "C:\\Windows" }),
});

/**
 * Prepares a launcher of processes with no permission at all: an empty folder to run in, the import map, and what limits this machine has. The harness runs from
 * a copy beside them, because a plugin sees in stack traces where it lies: that would tell where the server is
 * installed, and by whom.
 * @throws Error where Deno or the harness is not there
 */
export const createLauncher = async ({
  deno,
  harness,
  memoryMb,
  workFolder = tmpdir(),
}: LaunchOptions): Promise<Launcher> => {
  await mustBe(deno, constants.X_OK, "Deno's binary is not there or cannot be run");
  await mustBe(harness, constants.R_OK, "the sandbox's harness is not there");
  const folder = await makeWorkFolder(workFolder);
  const cwd = path.join(folder, "empty");
  const map = path.join(folder, "import-map.json");
  await mkdir(cwd);
  const copy = path.join(folder, "harness.js");
  await copyFile(harness, copy);
  await writeFile(map, JSON.stringify(importMap(copy)));
  const v8 = `--v8-flags=--max-old-space-size=${memoryMb},--disallow-code-generation-from-strings`;
  const wrapper = await findWrapper({ dataMb: DENO_DATA_MB + memoryMb, fileBytes: 0, openFiles: 64 });
  const command = [...wrapper, deno, "run", ...flags, `--import-map=${map}`, v8, copy];
  const [file = deno, ...args] = command;
  return {
    start: () => {
      return spawn(file, args, {
        cwd,
        env: environment(folder),
        stdio: ["pipe", "pipe", "pipe"],
        detached: process.platform !== "win32",
        windowsHide: true,
      });
    },
    dispose: () => rm(folder, { recursive: true, force: true }),
  };
};
