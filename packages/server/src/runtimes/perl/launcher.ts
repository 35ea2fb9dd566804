import { randomUUID } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Confinement } from "@hitagi/contract";
import { type Child, startChild } from "../../async/child-process.ts";
import { findProgram } from "../../disk/find-program.ts";
import { makeFolder } from "../../disk/folders.ts";
import { killByEnvironment, killUsingFolder } from "../processes/orphan-processes.ts";
import { limitCommand } from "../processes/process-limits.ts";
import type { Launcher } from "../processes/sandbox-process.ts";
import { makeWorkFolder } from "../processes/work-folder.ts";
import { type Confine, createConfine, type Folders, INSIDE } from "./bubblewrap.ts";
import { type CallWorkspaces, createCallWorkspaces } from "./call-workspaces.ts";
import { harnessFolder, type Perl, probePerl } from "./probe.ts";

/** Megabytes of private memory of perl with the harness. */
const PERL_DATA_MB = 160;

export interface PerlLaunchOptions {
  memoryMb: number;
  /** Largest file that a plugin may write, in megabytes; 2048 by default. */
  maxFileMb?: number;
  /** Parent of the processes' folders; the system's temporary folder by default. */
  workFolder?: string | undefined;
  /** Perl's program; by default the one in a usual folder. */
  perl?: string | undefined;
  /** Bubblewrap's program; by default the one in a usual folder. null for none. */
  bwrap?: string | null | undefined;
}

/** Starts perl processes, confined if this machine can do it. */
export interface PerlLauncher extends Launcher {
  readonly confinement: Confinement;
  workspacesOf(pid: number): CallWorkspaces | undefined;
}

interface Confined {
  confine: Confine | undefined;
  confinement: Confinement;
}

const prepareConfinement = async (
  { bwrap = findProgram("bwrap") ?? null }: PerlLaunchOptions,
  perl: Perl,
  harness: string,
  folder: string,
): Promise<Confined> => {
  const example = { harness, temporary: path.join(folder, "a"), archives: path.join(folder, "b") };
  for (const made of [example.temporary, example.archives]) await mkdir(made);
  try {
    const confine = await createConfine(bwrap ?? undefined, perl, example);
    return { confine, confinement: { files: "confined", network: "unconfined" } };
  } catch (e) {
    const reason = e instanceof Error ? e.message : "bubblewrap failed";
    return { confine: undefined, confinement: { files: "unconfined", network: "unconfined", reason } };
  }
};

/** Marks an unconfined process and everything that it starts. */
const MARK = "HITAGI_PROCESS";

const environment = (temporary: string): Record<string, string> => ({
  HOME: temporary,
  TMPDIR: temporary,
  PATH: "/usr/bin:/bin",
  LC_ALL: "C",
});

/** Finds perl and its modules, and tests bubblewrap. @throws Error without a path if perl cannot be used */
export const createPerlLauncher = async (options: PerlLaunchOptions): Promise<PerlLauncher> => {
  const { memoryMb, maxFileMb = 2048, workFolder = tmpdir() } = options;
  const harness = harnessFolder();
  const perl = await probePerl(options.perl ?? findProgram("perl"), harness);
  await makeFolder(workFolder);
  const folder = await makeWorkFolder(workFolder, killUsingFolder);
  const { confine, confinement } = await prepareConfinement(options, perl, harness, folder);
  const limits = { dataMb: PERL_DATA_MB + memoryMb, fileBytes: maxFileMb * 1024 * 1024, openFiles: 256 };
  const prefix = await limitCommand(limits);
  const workspaces = new Map<number, CallWorkspaces>();
  const killing = new Set<Promise<void>>();
  let last = 0;

  const killOrphans = (mark: string): void => {
    const killed = killByEnvironment(`${MARK}=${mark}`).finally(() => killing.delete(killed));
    killing.add(killed);
  };

  const commandIn = (folders: Folders): string[] => {
    const lib = confine ? INSIDE.harness : harness;
    const program = confine ? "/usr/bin/perl" : perl.program;
    return [...prefix, ...(confine?.(folders) ?? []), program, `-I${lib}`, `${lib}/harness.pl`];
  };

  const start = (): Child => {
    const own = createCallWorkspaces(path.join(folder, String(++last)), harness, confine !== undefined);
    const temporary = confine ? INSIDE.temporary : own.folders.temporary;
    const [file = "", ...args] = commandIn(own.folders);
    const mark = confine ? undefined : randomUUID();
    const child = startChild(file, args, {
      cwd: own.folders.temporary,
      env: { ...environment(temporary), ...(mark !== undefined && { [MARK]: mark }) },
      detached: true,
    });
    const { pid } = child;
    if (pid !== undefined) workspaces.set(pid, own);
    child.once("close", () => {
      if (pid !== undefined) workspaces.delete(pid);
      // A plugin can make folders that cannot be removed; they stay until the next start.
      void own.dispose().catch(() => {});
      if (mark !== undefined) killOrphans(mark);
    });
    return child;
  };

  return {
    confinement,
    start,
    workspacesOf: (pid) => workspaces.get(pid),
    dispose: async () => {
      await Promise.all(killing);
      await rm(folder, { recursive: true, force: true });
    },
  };
};
