import { randomUUID } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Confinement } from "@hitagi/contract";
import { type Child, startChild } from "../../async/child-process.ts";
import { findProgram } from "../../disk/find-program.ts";
import { makeFolder } from "../../disk/folders.ts";
import type { GrantedFile } from "../granted-files.ts";
import { type BubblewrapProgram, bubblewrapWalls } from "../processes/bubblewrap.ts";
import { killByEnvironment, killUsingFolder } from "../processes/orphan-processes.ts";
import { limitCommand, limitWalls } from "../processes/process-limits.ts";
import type { Launcher } from "../processes/sandbox-process.ts";
import { makeWorkFolder } from "../processes/work-folder.ts";
import { type Confine, createConfine, enterConfinement } from "./bubblewrap.ts";
import { type CallWorkspaces, createCallWorkspaces } from "./call-workspaces.ts";
import { CERTIFICATES } from "./certificates.ts";
import { createConfinedWorkspaces } from "./confined-workspaces.ts";
import { INSIDE } from "./inside.ts";
import { harnessFolder, type Perl, probePerl } from "./probe.ts";
import { hasChildren, treeFault } from "./tree-limits.ts";

const MB = 1024 * 1024;

/** Megabytes of a process's temporary folder. */
const DEFAULT_FOLDER_MB = 256;

/** Megabytes of private memory of perl with the harness. */
const PERL_DATA_MB = 160;

export interface PerlLaunchOptions {
  memoryMb: number;
  /** Size of a process's temporary folder, and of the largest file in it, in megabytes; 256 by default. */
  folderMb?: number;
  /** Parent of the processes' folders; the system's temporary folder by default. */
  workFolder?: string | undefined;
  /** Perl's program; by default the one in a usual folder. */
  perl?: string | undefined;
  bwrap?: BubblewrapProgram;
}

/** Starts perl processes, confined if this machine can do it. */
export interface PerlLauncher extends Launcher {
  readonly confinement: Confinement;
  workspacesOf(pid: number): CallWorkspaces | undefined;
  /** Whether a process has processes that its plugin started; false where it is not confined. */
  hasChildren(pid: number): boolean;
}

interface Confined {
  confine: Confine | undefined;
  confinement: Confinement;
}

interface Prepared {
  perl: Perl;
  harness: string;
  /** For the files of all processes. */
  folder: string;
  folderBytes: number;
  walls: NonNullable<Confinement["walls"]>;
}

const prepareConfinement = async (
  { bwrap }: PerlLaunchOptions,
  { perl, harness, folder, folderBytes, walls }: Prepared,
): Promise<Confined> => {
  const shared = path.join(folder, "shared");
  const example = { harness, archives: path.join(shared, "a"), host: path.join(shared, "b") };
  for (const made of [shared, example.archives, example.host]) await mkdir(made);
  try {
    const confine = await createConfine({ bwrap, perl, example, shared, folderBytes });
    return {
      confine,
      confinement: {
        files: "confined",
        network: "broker",
        walls: [...bubblewrapWalls(confine), ...walls],
      },
    };
  } catch (e) {
    const reason = e instanceof Error ? e.message : "bubblewrap failed";
    return { confine: undefined, confinement: { files: "unconfined", network: "unconfined", walls, reason } };
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

/** Where the forwarder listens; see Hitagi::Forwarder. */
const PROXY = "http://127.0.0.1:3128";

/** Makes HTTP clients use the proxy: each kind reads other variables. */
const proxyEnvironment: Record<string, string> = {
  ...Object.fromEntries(
    ["http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"].map((name) => [name, PROXY]),
  ),
  MOJO_PROXY: "1",
  PERL_LWP_ENV_PROXY: "1",
  SSL_CERT_FILE: CERTIFICATES,
};

/** What one process is started with. */
interface Start {
  workspaces: CallWorkspaces;
  command: string[];
  /** The folder that it starts in, on this machine. */
  cwd: string;
  env: Record<string, string>;
  /** The variable that marks an unconfined process. */
  mark?: string;
}

/** Finds perl and its modules, and tests bubblewrap. @throws Error without a path if perl cannot be used */
export const createPerlLauncher = async (options: PerlLaunchOptions): Promise<PerlLauncher> => {
  const { memoryMb, folderMb = DEFAULT_FOLDER_MB, workFolder = tmpdir() } = options;
  const folderBytes = folderMb * MB;
  const harness = harnessFolder();
  const perl = await probePerl(options.perl ?? findProgram("perl"), harness);
  await makeFolder(workFolder);
  const folder = await makeWorkFolder(workFolder, killUsingFolder);
  const limits = { dataMb: PERL_DATA_MB + memoryMb, fileBytes: folderBytes, openFiles: 128 };
  const prefix = await limitCommand(limits);
  const prepared = { perl, harness, folder, folderBytes, walls: limitWalls(prefix) };
  const { confine, confinement } = await prepareConfinement(options, prepared);
  const workspaces = new Map<number, CallWorkspaces>();
  const killing = new Set<Promise<void>>();
  let last = 0;

  const killOrphans = (mark: string): void => {
    const killed = killByEnvironment(`${MARK}=${mark}`).finally(() => killing.delete(killed));
    killing.add(killed);
  };

  const confinedStart = (own: string, confineIn: Confine, files: readonly GrantedFile[]): Start => {
    const confined = createConfinedWorkspaces(own, harness, folderBytes);
    const { command, user } = confineIn.commandFor(confined.folders, files);
    return {
      workspaces: confined,
      command: [...command, ...enterConfinement(user), `${INSIDE.harness}/harness.pl`],
      cwd: own,
      env: { ...environment(INSIDE.temporary), ...proxyEnvironment },
    };
  };

  const unconfinedStart = (own: string): Start => {
    const mark = randomUUID();
    const unconfined = createCallWorkspaces(own);
    return {
      workspaces: unconfined,
      command: [perl.program, `-I${harness}`, `${harness}/harness.pl`],
      cwd: unconfined.temporary,
      env: { ...environment(unconfined.temporary), [MARK]: mark },
      mark,
    };
  };

  const start = (files: readonly GrantedFile[] = []): Child => {
    const own = path.join(folder, String(++last));
    const {
      workspaces: ownWorkspaces,
      command,
      cwd,
      env,
      mark,
    } = confine ? confinedStart(own, confine, files) : unconfinedStart(own);
    const [file = "", ...args] = [...prefix, ...command];
    const child = startChild(file, args, { cwd, env, detached: true, third: confine?.filter });
    const { pid } = child;
    if (pid !== undefined) workspaces.set(pid, ownWorkspaces);
    child.once("close", () => {
      if (pid !== undefined) workspaces.delete(pid);
      // A plugin can make folders that cannot be removed; they stay until the next start.
      void ownWorkspaces.dispose().catch(() => {});
      if (mark !== undefined) killOrphans(mark);
    });
    return child;
  };

  return {
    confinement,
    start,
    ...(confine && { fault: (tree) => treeFault(tree, folderBytes) }),
    workspacesOf: (pid) => workspaces.get(pid),
    hasChildren: (pid) => confine !== undefined && hasChildren(pid),
    dispose: async () => {
      await Promise.all(killing);
      await rm(folder, { recursive: true, force: true });
    },
  };
};
