import {
  createProcessRuntime,
  DEFAULT_MEMORY_MB,
  type ProcessRuntimeOptions,
} from "../processes/process-runtime.ts";
import type { Runtime } from "../types.ts";
import { createLauncher, type LaunchOptions } from "./launcher.ts";

export interface DenoRuntimeOptions extends ProcessRuntimeOptions, Omit<LaunchOptions, "memoryMb"> {}

/**
 * Runs TypeScript and JavaScript plugins. Each version has a Deno process of its own, without permissions: everything
 * beyond computing is a host request.
 */
export const createDenoRuntime = (options: DenoRuntimeOptions): Runtime =>
  createProcessRuntime(
    {
      name: "deno",
      extensions: [".ts", ".js", ".mjs"],
      launcher: createLauncher({ memoryMb: DEFAULT_MEMORY_MB, ...options }),
      sourceText: (source) => source.toString("utf8"),
      confinement: async () => ({ files: "confined", network: "confined" }),
    },
    options,
  );
