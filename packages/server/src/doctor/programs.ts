import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import type { Confinement } from "@hitagi/contract";
import semver from "semver";
import { searchPath } from "../config/config.ts";
import { createLauncher } from "../runtimes/deno/launcher.ts";
import { denoBinary } from "../runtimes/deno/locate.ts";
import { createPerlLauncher } from "../runtimes/perl/launcher.ts";
import { DEFAULT_MEMORY_MB } from "../runtimes/processes/process-runtime.ts";
import { type Check, note, ok, skipped, wrong } from "./finding.ts";

const NODE = ">=20.19.0";
/** The first version whose allowed transports can be restricted as registries need it. */
const GIT = ">=2.31.0";
const TIMEOUT_MS = 10_000;

const reasonOf = (e: unknown): string => (e instanceof Error ? (e.message.split("\n")[0] ?? "") : String(e));

/** The version that a program prints. @throws Error if it does not run */
const versionOf = async (program: string, env: NodeJS.ProcessEnv): Promise<string> => {
  const { stdout } = await promisify(execFile)(program, ["--version"], { env, timeout: TIMEOUT_MS });
  return semver.coerce(stdout)?.version ?? "0.0.0";
};

export const checkNode: Check = async () => {
  const { node } = process.versions;
  return semver.satisfies(node, NODE)
    ? [ok("node", `Node ${node}`)]
    : [wrong("node", `Node ${node} is too old`, "Install Node 20.19 or newer from https://nodejs.org.")];
};

const requiredDeno = (): string =>
  (createRequire(import.meta.url)("deno/package.json") as { version: string }).version;

/** What stands between plugins and this machine, as the server finds it at its start. */
const confinementBy = async (
  create: typeof createLauncher | typeof createPerlLauncher,
): Promise<Confinement> => {
  const folder = await mkdtemp(path.join(tmpdir(), "hitagi-doctor-"));
  try {
    const launcher = await create({ memoryMb: DEFAULT_MEMORY_MB, workFolder: folder });
    await launcher.dispose();
    return launcher.confinement;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

/** Deno starts with an empty environment, as it does for plugins. */
export const checkDeno: Check = async () => {
  try {
    const [required, found] = [requiredDeno(), await versionOf(denoBinary(), {})];
    if (found !== required) {
      const text = `Deno is ${found}, but ${required} is required`;
      return [wrong("deno", text, "Reinstall Hitagi: its packages do not match.")];
    }
    const { walls = [], reason } = await confinementBy(createLauncher);
    const text = `Deno ${found} runs; plugins are confined by ${walls.join(", ")}`;
    if (reason === undefined || process.platform !== "linux") return [ok("deno", text)];
    const hint =
      "Bubblewrap is a second wall around Deno. Install it, and let this system or container make user namespaces. Plugins run without it too.";
    return [note("deno", `${text}; ${reason}`, hint)];
  } catch (e) {
    const hint =
      "Reinstall Hitagi on this machine with optional packages (npm omits them with --omit=optional). Deno needs glibc, so it does not run on Alpine.";
    return [wrong("deno", `Deno, which TypeScript plugins need, does not run: ${reasonOf(e)}`, hint)];
  }
};

export const checkGit: Check = async ({ config }) => {
  try {
    const found = await versionOf(config.git, { PATH: searchPath() });
    if (semver.satisfies(found, GIT)) return [ok("git", `git ${found}`)];
    return [note("git", `git ${found} is too old for git registries`, "Install git 2.31 or newer.")];
  } catch {
    const hint = "Install git, or set HITAGI_GIT to its path, for registries with the provider git.";
    return [note("git", "git is not installed, or does not run", hint)];
  }
};

export const checkPerl: Check = async ({ config }) => {
  if (!config.perl) return [skipped("perl", "Perl plugins are off (HITAGI_PERL)")];
  try {
    const { network, walls = [], reason } = await confinementBy(createPerlLauncher);
    if (reason === undefined) {
      const text = `perl has its modules; plugins are confined by ${walls.join(", ")}; network ${network}`;
      return [ok("perl", text)];
    }
    const hint =
      "Install bubblewrap, and let this system or container make user namespaces, so that Perl plugins cannot read this machine's files or reach your local network.";
    return [note("perl", `perl has its modules, but nothing confines its plugins: ${reason}`, hint)];
  } catch (e) {
    const text = `Perl plugins are on but cannot run: ${reasonOf(e)}`;
    return [wrong("perl", text, "Install what is missing, or turn Perl plugins off.")];
  }
};
