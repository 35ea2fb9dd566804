import {
  createProcessRuntime,
  DEFAULT_MEMORY_MB,
  type ProcessRuntimeOptions,
} from "../processes/process-runtime.ts";
import type { PluginCode, Runtime } from "../types.ts";
import { createPerlCalls } from "./calls.ts";
import { createPerlLauncher, type PerlLaunchOptions } from "./launcher.ts";
import { checkPackage } from "./package-check.ts";
import { createModuleFinder } from "./plugin-modules.ts";

export interface PerlRuntimeOptions extends ProcessRuntimeOptions, Omit<PerlLaunchOptions, "memoryMb"> {
  /** The code of all Perl plugins that run, whose packages a plugin may use. */
  installed?: () => readonly PluginCode[];
}

/**
 * Runs LANraragi's Perl plugins, each version in a process. Where bubblewrap works, it sees only perl and its own files, and
 * makes its requests through the broker's proxy; elsewhere it reaches any host.
 */
export const createPerlRuntime = (options: PerlRuntimeOptions): Runtime => {
  const launcher = createPerlLauncher({ memoryMb: DEFAULT_MEMORY_MB, ...options });
  return createProcessRuntime(
    {
      name: "perl",
      extensions: [".pm"],
      checkPath: checkPackage,
      available: launcher,
      launcher,
      modulesOf: createModuleFinder(options.installed ?? (() => [])),
      // One character a byte: perl decodes the file itself, by whether it says `use utf8`.
      sourceText: ({ source }) => source.toString("latin1"),
      confinement: () =>
        launcher.then(
          ({ confinement }) => confinement,
          () => ({ files: "unconfined", network: "unconfined" }),
        ),
      callIn: createPerlCalls(launcher),
    },
    options,
  );
};
