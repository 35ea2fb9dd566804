import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { realpath } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { type Static, Type } from "typebox";
import { findBuilt } from "../../disk/find-program.ts";
import { lazySchema } from "../../lazy-schema.ts";

/** A perl with all modules that the harness needs. */
export interface Perl {
  program: string;
  modules: string[];
  /** Shared libraries of perl and its modules; empty on systems without /proc. */
  libraries: string[];
}

const Probe = Type.Object({ modules: Type.Array(Type.String()), libraries: Type.Array(Type.String()) });
const probeSchema = lazySchema(Probe);

const LIMIT_MS = 20_000;

/** The folder of the harness: beside this file, or as the build copies it. @throws Error if not built */
export const harnessFolder = (): string => {
  const source = path.join(import.meta.dirname, "lib");
  if (existsSync(path.join(source, "harness.pl"))) return source;
  return path.dirname(findBuilt("perl/harness.pl", "the harness of Perl plugins is not built"));
};

/** Why the probe failed, without a path. */
const failureReason = (stderr: string): string => {
  const missing = /Can't locate (\S+?)\.pm in @INC/.exec(stderr)?.[1];
  if (missing === undefined) return "perl cannot run the harness of Perl plugins";
  const module = missing.replaceAll("/", "::");
  return `perl lacks the module ${module}; on Debian: apt-get install libmojolicious-perl`;
};

const stderrOf = (e: unknown): string =>
  e instanceof Error && "stderr" in e && typeof e.stderr === "string" ? e.stderr : "";

const runProbe = async (program: string, harness: string): Promise<Static<typeof Probe>> => {
  const args = [`-I${harness}`, path.join(harness, "probe.pl")];
  const { stdout } = await promisify(execFile)(program, args, { env: {}, timeout: LIMIT_MS }).catch(
    (cause: unknown) => {
      throw new Error(failureReason(stderrOf(cause)), { cause });
    },
  );
  const output: unknown = JSON.parse(stdout);
  if (!probeSchema().Check(output)) throw new Error("perl answered the probe with something else");
  return output;
};

/** Lets perl load the harness's modules. @throws Error without a path; it names the Debian package */
export const probePerl = async (program: string | undefined, harness: string): Promise<Perl> => {
  if (program === undefined || !existsSync(program))
    throw new Error("perl is not installed; on Debian: apt-get install perl libmojolicious-perl");
  const { modules, libraries } = await runProbe(program, harness);
  return {
    program: await realpath(program),
    modules: modules.filter((folder) => path.isAbsolute(folder) && folder !== harness && existsSync(folder)),
    libraries,
  };
};
