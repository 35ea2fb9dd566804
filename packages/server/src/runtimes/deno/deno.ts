import {
  createProcessRuntime,
  DEFAULT_MEMORY_MB,
  type ProcessRuntimeOptions,
} from "../processes/process-runtime.ts";
import type { Launcher } from "../processes/sandbox-process.ts";
import type { Runtime } from "../types.ts";
import { createLauncher } from "./launcher.ts";
import { denoBinary, harnessFile } from "./locate.ts";

export interface DenoRuntimeOptions extends ProcessRuntimeOptions {
  /** Deno's binary; by default that of the `deno` package. */
  denoPath?: string;
  /** Parent of the processes' working folder; the system's temporary folder by default. */
  workFolder?: string;
  /** The built harness; by default the one beside the program. */
  harness?: string;
}

/** @throws Error if this machine cannot run the sandbox */
const prepare = async ({
  denoPath,
  harness,
  workFolder,
  memoryMb = DEFAULT_MEMORY_MB,
}: DenoRuntimeOptions): Promise<Launcher> =>
  createLauncher({ deno: denoPath ?? denoBinary(), harness: harness ?? harnessFile(), memoryMb, workFolder });

/**
 * Runs TypeScript and JavaScript plugins. Each version has a Deno process of its own, without permissions: everything
 * beyond computing is a host request.
 */
export const createDenoRuntime = (options: DenoRuntimeOptions): Runtime =>
  createProcessRuntime(
    {
      name: "deno",
      extensions: [".ts", ".js", ".mjs"],
      launcher: prepare(options),
      sourceText: (source) => source.toString("utf8"),
      confinement: async () => ({ files: "confined", network: "confined" }),
    },
    options,
  );
