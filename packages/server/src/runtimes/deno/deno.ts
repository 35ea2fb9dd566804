import type { Launcher } from "../processes/launcher.ts";
import {
  createProcessRuntime,
  DEFAULT_MEMORY_MB,
  type ProcessRuntimeOptions,
} from "../processes/process-runtime.ts";
import type { Runtime } from "../types.ts";
import { denoBinary } from "./binary.ts";
import { harnessFile } from "./harness-file.ts";
import { createLauncher } from "./launcher.ts";

export interface DenoRuntimeOptions extends ProcessRuntimeOptions {
  /** Deno's binary, where it is not to come from the `deno` package. */
  denoPath?: string;
  /** Where an empty folder is made for the processes to run in; the system's temporary folder where not given. */
  workFolder?: string;
  /** The built harness, where it is not in its place beside the program. */
  harness?: string;
}

/** @throws Error where this machine cannot run the sandbox */
const prepare = async ({
  denoPath,
  harness,
  workFolder,
  memoryMb = DEFAULT_MEMORY_MB,
}: DenoRuntimeOptions): Promise<Launcher> =>
  createLauncher({ deno: denoPath ?? denoBinary(), harness: harness ?? harnessFile(), memoryMb, workFolder });

/**
 * Runs TypeScript and JavaScript plugins, each version in a Deno process of its own that has no permission and asks
 * the host for everything.
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
