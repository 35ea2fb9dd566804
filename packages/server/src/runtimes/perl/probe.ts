import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { realpath } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { type Static, Type } from "typebox";
import { Compile } from "typebox/compile";

/** A perl that has all that the harness needs, and where it has it. */
export interface Perl {
  /** Its program. */
  program: string;
  /** Folders of its modules. */
  modules: string[];
  /** Files of the libraries that it and its modules are linked with; empty where the system does not tell. */
  libraries: string[];
}

const Answer = Type.Object({ modules: Type.Array(Type.String()), libraries: Type.Array(Type.String()) });
const answer = Compile(Answer);

const LIMIT_MS = 20_000;

/** Why the probe failed, in words without a path. */
const faultOf = (stderr: string): string => {
  const missing = /Can't locate (\S+?)\.pm in @INC/.exec(stderr)?.[1];
  if (missing === undefined) return "perl cannot run the harness of Perl plugins";
  const module = missing.replaceAll("/", "::");
  return `perl lacks the module ${module}; on Debian: apt-get install libmojolicious-perl`;
};

const stderrOf = (e: unknown): string =>
  e instanceof Error && "stderr" in e && typeof e.stderr === "string" ? e.stderr : "";

const ask = async (program: string, harness: string): Promise<Static<typeof Answer>> => {
  const args = [`-I${harness}`, path.join(harness, "probe.pl")];
  const { stdout } = await promisify(execFile)(program, args, { env: {}, timeout: LIMIT_MS }).catch(
    (cause: unknown) => {
      throw new Error(faultOf(stderrOf(cause)), { cause });
    },
  );
  const said: unknown = JSON.parse(stdout);
  if (!answer.Check(said)) throw new Error("perl answered the probe with something else");
  return said;
};

/**
 * Has a perl load everything that the harness loads.
 * @throws Error in words without a path: it is not there, or a module is missing, with Debian's package
 */
export const probePerl = async (program: string | undefined, harness: string): Promise<Perl> => {
  if (program === undefined || !existsSync(program))
    throw new Error("perl is not installed; on Debian: apt-get install perl libmojolicious-perl");
  const { modules, libraries } = await ask(program, harness);
  return {
    program: await realpath(program),
    modules: modules.filter((folder) => path.isAbsolute(folder) && folder !== harness && existsSync(folder)),
    libraries,
  };
};
