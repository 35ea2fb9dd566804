import {
  createProcessRuntime,
  DEFAULT_MEMORY_MB,
  type ProcessRuntimeOptions,
} from "../processes/process-runtime.ts";
import type { Runtime } from "../types.ts";
import { createPerlCalls } from "./call.ts";
import { createPerlLauncher, type PerlLaunchOptions } from "./launcher.ts";
import { checkPackage } from "./package-check.ts";

export interface PerlRuntimeOptions
  extends ProcessRuntimeOptions,
    Partial<Omit<PerlLaunchOptions, "memoryMb">> {}

/** Megabytes that a plugin may write to one file, where nothing else is said. */
const DEFAULT_MAX_FILE_MB = 2048;

const perlKind = { name: "perl", extensions: [".pm"], checkPlace: checkPackage } as const;

/**
 * Runs LANraragi's Perl plugins, each version in a perl process of its own, behind the functions of LANraragi that they
 * import. Where bubblewrap works, a process sees nothing of the machine but perl and what it is given; its requests it
 * makes itself, wherever to.
 */
export const createPerlRuntime = (options: PerlRuntimeOptions): Runtime => {
  const { memoryMb = DEFAULT_MEMORY_MB, maxFileMb = DEFAULT_MAX_FILE_MB } = options;
  const launcher = createPerlLauncher({ ...options, memoryMb, maxFileMb });
  return createProcessRuntime(
    {
      ...perlKind,
      launcher,
      // One character a byte: a plugin that says `use utf8` and one that does not read the same file differently.
      sourceText: (source) => source.toString("latin1"),
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
