import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import { promisify } from "node:util";
import semver from "semver";
import { searchPath } from "../config/config.ts";
import { denoBinary } from "../runtimes/deno/locate.ts";
import { harnessFolder, probePerl } from "../runtimes/perl/probe.ts";
import { findProgram } from "../runtimes/processes/find-program.ts";
import { type Check, note, ok, skipped, wrong } from "./types.ts";

const NODE = ">=20.19.0";
/** The first that can be told to follow no other transports than those that are allowed here. */
const GIT = ">=2.31.0";
const LIMIT_MS = 10_000;

const reasonOf = (e: unknown): string => (e instanceof Error ? (e.message.split("\n")[0] ?? "") : String(e));

/** The version that a program says it has. @throws Error where it does not run */
const versionOf = async (program: string, env: NodeJS.ProcessEnv): Promise<string> => {
  const { stdout } = await promisify(execFile)(program, ["--version"], { env, timeout: LIMIT_MS });
  return semver.coerce(stdout)?.version ?? "0.0.0";
};

export const checkNode: Check = async () => {
  const { node } = process.versions;
  return semver.satisfies(node, NODE)
    ? [ok("node", `Node ${node}`)]
    : [wrong("node", `Node ${node} is too old`, "Install Node 20.19 or newer from https://nodejs.org.")];
};

const wantedDeno = (): string =>
  (createRequire(import.meta.url)("deno/package.json") as { version: string }).version;

/** It has no environment here either, as it has none for plugins. */
export const checkDeno: Check = async () => {
  try {
    const [wanted, found] = [wantedDeno(), await versionOf(denoBinary(), {})];
    if (found === wanted) return [ok("deno", `Deno ${found} runs`)];
    return [
      wrong(
        "deno",
        `Deno is ${found}, and ${wanted} is wanted`,
        "Install Hitagi anew: its packages do not fit together.",
      ),
    ];
  } catch (e) {
    const hint =
      "Install Hitagi anew on this machine, with optional packages (npm leaves them out with --omit=optional). Deno needs glibc, so not Alpine.";
    return [wrong("deno", `Deno does not run, so no TypeScript plugin can: ${reasonOf(e)}`, hint)];
  }
};

export const checkGit: Check = async ({ config }) => {
  try {
    const found = await versionOf(config.git, { PATH: searchPath() });
    if (semver.satisfies(found, GIT)) return [ok("git", `git ${found}`)];
    return [note("git", `git ${found} is too old for git registries`, "Install git 2.31 or newer.")];
  } catch {
    const hint =
      "Install git, or name it with HITAGI_GIT, if you want registries of the kind git. All others do without.";
    return [note("git", "git is not installed, or does not run", hint)];
  }
};

export const checkPerl: Check = async ({ config }) => {
  if (!config.perl) return [skipped("perl", "Perl plugins are off (HITAGI_PERL)")];
  try {
    await probePerl(findProgram("perl"), harnessFolder());
  } catch (e) {
    return [
      wrong(
        "perl",
        `Perl plugins are on and cannot run: ${reasonOf(e)}`,
        "Install what is missing, or leave out --perl.",
      ),
    ];
  }
  if (findProgram("bwrap")) return [ok("perl", "perl has its modules; bubblewrap is installed")];
  const hint = "Install bubblewrap, so that Perl plugins see nothing of this machine's files.";
  return [note("perl", "perl has its modules; nothing confines its plugins", hint)];
};
