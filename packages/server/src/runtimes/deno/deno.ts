import {
  createProcessRuntime,
  DEFAULT_MEMORY_MB,
  type ProcessRuntimeOptions,
} from "../processes/process-runtime.ts";
import type { Runtime } from "../types.ts";
import { createCompiler } from "./compiler.ts";
import { createLauncher, type LaunchOptions } from "./launcher.ts";

export interface DenoRuntimeOptions extends ProcessRuntimeOptions, Omit<LaunchOptions, "memoryMb"> {}

/** Runs TypeScript and JavaScript plugins, each version in a Deno process without permissions, inside bubblewrap where it works. */
export const createDenoRuntime = (options: DenoRuntimeOptions): Runtime => {
  const launcher = createLauncher({ memoryMb: DEFAULT_MEMORY_MB, ...options });
  const compiler = createCompiler(async () => (await launcher).startCompiler());
  return createProcessRuntime(
    {
      name: "deno",
      extensions: [".ts", ".js", ".mjs"],
      launcher: launcher.then((ready) => ({
        ...ready,
        dispose: async () => {
          await compiler.stop();
          await ready.dispose();
        },
      })),
      sourceText: compiler.compile,
      confinement: () =>
        launcher.then(
          ({ confinement }) => confinement,
          () => ({ files: "confined", network: "confined" }),
        ),
    },
    options,
  );
};
