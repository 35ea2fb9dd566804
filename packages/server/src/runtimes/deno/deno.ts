import { splitInlineMap } from "../../artifacts/inline-map.ts";
import {
  createProcessRuntime,
  DEFAULT_MEMORY_MB,
  type ProcessRuntimeOptions,
} from "../processes/process-runtime.ts";
import type { Runtime } from "../types.ts";
import { createCompiler } from "./compiler.ts";
import { createLauncher, type LaunchOptions, prepareDeno } from "./launcher.ts";

export interface DenoRuntimeOptions extends ProcessRuntimeOptions, Omit<LaunchOptions, "memoryMb"> {}

/** Runs TypeScript and JavaScript plugins, each version in a Deno process without permissions, inside bubblewrap where it works. */
export const createDenoRuntime = (options: DenoRuntimeOptions): Runtime => {
  const prepared = prepareDeno(options);
  const launcher = createLauncher({ memoryMb: DEFAULT_MEMORY_MB, ...options }, prepared);
  const compiler = createCompiler(async () => (await launcher).startCompiler());
  return createProcessRuntime(
    {
      name: "deno",
      extensions: [".ts", ".js", ".mjs"],
      // Without bubblewrap its processes run too, so the test of it does not hold up the start.
      available: prepared,
      launcher: launcher.then((ready) => ({
        ...ready,
        dispose: async () => {
          await compiler.stop();
          await ready.dispose();
        },
      })),
      // Only the server reads the map: in the process it would be unchecked code.
      sourceText: (code) =>
        compiler.compile({ ...code, source: splitInlineMap(code.filename, code.source).code }),
      confinement: () =>
        launcher.then(
          ({ confinement }) => confinement,
          () => ({ files: "confined", network: "confined" }),
        ),
    },
    options,
  );
};
