import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Confinement } from "@hitagi/contract";
import { makeFolder } from "../../disk/folders.ts";
import type { Child, Launcher } from "../processes/launcher.ts";
import { makeWorkFolder } from "../processes/work-folder.ts";
import { findWrapper } from "../processes/wrapper.ts";
import { type Confine, createConfine, INSIDE } from "./bubblewrap.ts";
import { type CallWorkspaces, createCallWorkspaces } from "./call-workspaces.ts";
import { endMarked, endUsing } from "./orphan-processes.ts";
import { findProgram, harnessFolder } from "./places.ts";
import { type Perl, probePerl } from "./probe.ts";

/** Memory of its own that perl with the harness sets aside, in megabytes. */
const PERL_DATA_MB = 160;

export interface PerlLaunchOptions {
  memoryMb: number;
  /** Largest file that a plugin may write, in megabytes. */
  maxFileMb: number;
  /** Where the processes' folders go; the system's folder for such things where not given. */
  workFolder?: string | undefined;
  /** Perl's program, where it is not in a usual place. */
  perl?: string | undefined;
  /** Bubblewrap's program, where it is not in a usual place; null for none. */
  bwrap?: string | null | undefined;
}

/** Starts perl processes, confined where this machine can do it. */
export interface PerlLauncher extends Launcher {
  readonly confinement: Confinement;
  /** The folders of a process that was started here and has not ended. */
  roomsOf(pid: number): CallWorkspaces | undefined;
}

interface Prepared {
  confine: Confine | undefined;
  confinement: Confinement;
}

const prepareConfinement = async (
  { bwrap = findProgram("bwrap") ?? null }: PerlLaunchOptions,
  perl: Perl,
  harness: string,
  folder: string,
): Promise<Prepared> => {
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

/** Tells what an unconfined process has started from everything else on the machine. */
const MARK = "HITAGI_PROCESS";

const environment = (temporary: string): Record<string, string> => ({
  HOME: temporary,
  TMPDIR: temporary,
  PATH: "/usr/bin:/bin",
  LC_ALL: "C",
});

/**
 * Prepares a launcher: finds perl and what it is made of, and whether bubblewrap works.
 * @throws Error in words without a path where this machine cannot run Perl plugins
 */
export const createPerlLauncher = async (options: PerlLaunchOptions): Promise<PerlLauncher> => {
  const { memoryMb, maxFileMb, workFolder = tmpdir() } = options;
  const harness = harnessFolder();
  const perl = await probePerl(options.perl ?? findProgram("perl"), harness);
  await makeFolder(workFolder);
  const folder = await makeWorkFolder(workFolder, endUsing);
  const { confine, confinement } = await prepareConfinement(options, perl, harness, folder);
  const limits = { dataMb: PERL_DATA_MB + memoryMb, fileBytes: maxFileMb * 1024 * 1024, openFiles: 256 };
  const wrapper = await findWrapper(limits);
  const rooms = new Map<number, CallWorkspaces>();
  const sweeping = new Set<Promise<void>>();
  let last = 0;

  const sweep = (mark: string): void => {
    const sweeps = endMarked(`${MARK}=${mark}`).finally(() => sweeping.delete(sweeps));
    sweeping.add(sweeps);
  };

  const commandIn = (of: ReturnType<typeof createCallWorkspaces>): string[] => {
    const lib = confine ? INSIDE.harness : harness;
    const program = confine ? "/usr/bin/perl" : perl.program;
    return [...wrapper, ...(confine?.(of.folders) ?? []), program, `-I${lib}`, `${lib}/harness.pl`];
  };

  const start = (): Child => {
    const own = createCallWorkspaces(path.join(folder, String(++last)), harness, confine !== undefined);
    const temporary = confine ? INSIDE.temporary : own.folders.temporary;
    const [file = "", ...args] = commandIn(own);
    const mark = confine ? undefined : randomUUID();
    const child = spawn(file, args, {
      cwd: own.folders.temporary,
      env: { ...environment(temporary), ...(mark !== undefined && { [MARK]: mark }) },
      stdio: ["pipe", "pipe", "pipe"],
      detached: true,
    });
    const { pid } = child;
    if (pid !== undefined) rooms.set(pid, own);
    child.once("close", () => {
      if (pid !== undefined) rooms.delete(pid);
      void own.dispose();
      if (mark !== undefined) sweep(mark);
    });
    return child;
  };

  return {
    confinement,
    start,
    roomsOf: (pid) => rooms.get(pid),
    dispose: async () => {
      await Promise.all(sweeping);
      await rm(folder, { recursive: true, force: true });
    },
  };
};
