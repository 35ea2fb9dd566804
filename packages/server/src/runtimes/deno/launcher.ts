import { access, constants, copyFile, mkdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Confinement } from "@hitagi/contract";
import { type Child, startChild } from "../../async/child-process.ts";
import { type BubblewrapProgram, bubblewrapWalls } from "../processes/bubblewrap.ts";
import { killUsingFolder } from "../processes/orphan-processes.ts";
import { limitCommand, limitWalls } from "../processes/process-limits.ts";
import type { Launcher } from "../processes/sandbox-process.ts";
import { makeWorkFolder } from "../processes/work-folder.ts";
import { confineDeno, type DenoCommand, type DenoFiles } from "./bubblewrap.ts";
import { importMap } from "./import-map.ts";
import { denoBinary, harnessFile } from "./locate.ts";

/** Private memory that Deno reserves at start, mostly V8's range for compiled code. */
const DENO_DATA_MB = 640;

export interface LaunchOptions {
  /** Deno's binary; by default that of the `deno` package. */
  denoPath?: string;
  /** The built harness, with the compiler in its folder; by default the ones beside the program. */
  harness?: string;
  /** Limit of V8's heap. */
  memoryMb: number;
  bwrap?: BubblewrapProgram;
  /** Parent of the folder that the processes run in; the system's temporary folder by default. */
  workFolder?: string;
}

const HARNESS = "harness.js";
const COMPILER = "compiler.js";

/** Bubblewrap, the first process of its namespace, and Deno. */
const IN_BUBBLEWRAP = 3;

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
  // Bubblewrap does not show the file that names it.
  TZ: Intl.DateTimeFormat().resolvedOptions().timeZone,
  // Windows cannot open a pipe without it.
  ...(process.platform === "win32" && { SystemRoot: "C:\\Windows" }),
});

/** @throws Error with the reason, which names no path because clients may see it */
const assertAccess = (file: string, mode: number, reason: string): Promise<void> =>
  access(file, mode).catch((cause: unknown) => {
    throw new Error(reason, { cause });
  });

/** Starts Deno processes, in bubblewrap if this machine can do it. */
export interface DenoLauncher extends Launcher {
  /** Starts a process of harness/compiler.ts. */
  startCompiler(): Child;
  readonly confinement: Confinement;
}

/** Writes what the processes read. */
const writeFiles = async (folder: string, deno: string, harness: string): Promise<DenoFiles> => {
  const files: DenoFiles = {
    deno,
    harness: path.join(folder, "harness", HARNESS),
    importMap: path.join(folder, "harness", "import-map.json"),
    empty: path.join(folder, "empty"),
  };
  await mkdir(files.empty);
  await mkdir(path.dirname(files.harness));
  for (const name of [HARNESS, COMPILER])
    await copyFile(path.join(path.dirname(harness), name), path.join(path.dirname(files.harness), name));
  await writeFile(files.importMap, JSON.stringify(importMap));
  return files;
};

/** The files that processes of a launcher share. */
export interface DenoFolder {
  folder: string;
  files: DenoFiles;
}

/**
 * Prepares the folder of Deno processes: an empty folder to run in, the import map and the harness. The harness runs from a
 * copy, because its path is in stack traces and would tell a plugin where the server is installed, and by which user.
 * @throws Error for the server's owner if Deno or the harness is missing, or the folder cannot be made
 */
export const prepareDeno = async ({
  denoPath = denoBinary(),
  harness = harnessFile(),
  workFolder = tmpdir(),
}: Omit<LaunchOptions, "memoryMb">): Promise<DenoFolder> => {
  await assertAccess(denoPath, constants.X_OK, "Deno's binary is not there or cannot be run");
  await assertAccess(harness, constants.R_OK, "the sandbox's harness is not there");
  const folder = await makeWorkFolder(workFolder, killUsingFolder);
  return { folder, files: await writeFiles(folder, denoPath, harness) };
};

interface Command {
  command: string[];
  /** The filter of system calls, which it reads from file descriptor 3. */
  filter?: Buffer | undefined;
  /** Why it does not run in bubblewrap. */
  reason?: string;
}

const confine = async (bwrap: BubblewrapProgram, files: DenoFiles, deno: DenoCommand): Promise<Command> => {
  const command = deno.commandOf(files);
  if (process.platform !== "linux") return { command, reason: "bubblewrap is only for Linux" };
  try {
    return await confineDeno(bwrap, files, deno);
  } catch (e) {
    return { command, reason: e instanceof Error ? e.message : "bubblewrap failed" };
  }
};

const confinementOf = ({ filter, reason }: Command, limits: readonly string[]): Confinement => ({
  files: "confined",
  network: "confined",
  walls: ["deno", ...(reason === undefined ? bubblewrapWalls({ filter }) : []), ...limitWalls(limits)],
  ...(reason !== undefined && { reason }),
});

/**
 * Makes a launcher of processes without permissions, with bubblewrap around them and this machine's hard limits. Both are
 * tested first.
 * @param prepared the folder of its processes, which it removes at its end
 * @throws Error what `prepareDeno` throws
 */
export const createLauncher = async (
  options: LaunchOptions,
  prepared: Promise<DenoFolder> = prepareDeno(options),
): Promise<DenoLauncher> => {
  const { memoryMb, bwrap } = options;
  const { folder, files } = await prepared;
  const v8 = `--v8-flags=--max-old-space-size=${memoryMb},--disallow-code-generation-from-strings`;
  const commandOf = ({ deno, importMap, harness }: DenoFiles): string[] => [
    deno,
    "run",
    ...flags,
    `--import-map=${importMap}`,
    v8,
    harness,
  ];
  const env = environment(files.empty);
  const [confined, limits] = await Promise.all([
    confine(bwrap, files, { commandOf, env }),
    limitCommand({ dataMb: DENO_DATA_MB + memoryMb, fileBytes: 0, openFiles: 64 }),
  ]);
  const [file = "", ...args] = [...limits, ...confined.command];
  const processes = confined.reason === undefined ? IN_BUBBLEWRAP : 1;
  const start = (program: string): Child => {
    // The last argument is the harness; the other program is in its folder.
    const folder = path.dirname(args.at(-1) ?? "");
    return startChild(file, [...args.slice(0, -1), path.join(folder, program)], {
      cwd: files.empty,
      env,
      detached: process.platform !== "win32",
      windowsHide: true,
      third: confined.filter,
    });
  };
  return {
    confinement: confinementOf(confined, limits),
    start: () => start(HARNESS),
    startCompiler: () => start(COMPILER),
    fault: (tree) => (tree.length > processes ? "it started a process" : undefined),
    isComplete: (tree) => confined.filter !== undefined && tree.length === processes,
    dispose: () => rm(folder, { recursive: true, force: true }),
  };
};
