import { execFile } from "node:child_process";
import { realpathSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import {
  type BubblewrapProfile,
  type BubblewrapProgram,
  openBubblewrap,
  readOnly,
  rootLinks,
} from "../processes/bubblewrap.ts";

/** The files of one Deno process: its program, the harness with its import map, and the folder that it starts in. */
export interface DenoFiles {
  deno: string;
  harness: string;
  importMap: string;
  empty: string;
}

/** A command line, and the filter of system calls that it reads from file descriptor 3; undefined if it has none. */
export interface ConfinedDeno {
  command: string[];
  filter: Buffer | undefined;
}

/** A program that ends by itself when its input does. */
export interface DenoCommand {
  commandOf(files: DenoFiles): string[];
  env: Record<string, string>;
}

/** Paths inside bubblewrap. */
const INSIDE = { deno: "/deno", folder: "/harness", empty: "/empty" } as const;

/** The lines of a dynamic loader's list, `libc.so.6 => /lib/libc.so.6 (0x7f2b)` or `/lib64/ld-linux.so.2 (0x7f2b)`. */
const LIBRARY = /(?:=> |^\s*)(\/.+?) \(0x/gm;

/** The shared libraries of a program, by the paths at which the loader finds them. See ld.so(8). */
const librariesOf = async (program: string): Promise<string[]> => {
  const env = { LD_TRACE_LOADED_OBJECTS: "1" };
  const { stdout } = await promisify(execFile)(program, ["--version"], { env });
  return [...stdout.matchAll(LIBRARY)].flatMap(([, file]) => file ?? []);
};

/** Single files, under the names by which the loader opens them: links in the names of folders exist inside too. */
const fileMounts = (files: readonly string[]): string[] =>
  files.flatMap((file) =>
    readOnly(realpathSync(file), path.join(realpathSync(path.dirname(file)), path.basename(file))),
  );

/** No network, and no file but Deno, its libraries and the harness. */
const profileOf = (files: DenoFiles, libraries: readonly string[]): BubblewrapProfile => ({
  mounts: [
    ...rootLinks(),
    ...fileMounts(libraries),
    ...readOnly(realpathSync(files.deno), INSIDE.deno),
    ...readOnly(path.dirname(files.harness), INSIDE.folder),
    // Deno finds its own path and its stack there. It shows only the processes inside.
    ...["--proc", "/proc"],
    ...["--dir", INSIDE.empty],
  ],
  network: "none",
  startsProcesses: false,
  folder: INSIDE.empty,
});

const inside = ({ harness, importMap }: DenoFiles): DenoFiles => ({
  deno: INSIDE.deno,
  harness: path.join(INSIDE.folder, path.basename(harness)),
  importMap: path.join(INSIDE.folder, path.basename(importMap)),
  empty: INSIDE.empty,
});

/**
 * Puts bubblewrap around a command: a second wall, which holds even if Deno's own does not. It is tested here.
 * @param files the harness and its import map, with nothing else in their folder
 * @throws Error without a path, for the server's owner, if bubblewrap is missing or does not work on this machine
 */
export const confineDeno = async (
  bwrap: BubblewrapProgram,
  files: DenoFiles,
  { commandOf, env }: DenoCommand,
): Promise<ConfinedDeno> => {
  const profile = profileOf(files, await librariesOf(files.deno));
  const command = commandOf(inside(files));
  const { wrap, filter } = await openBubblewrap(bwrap, profile, command, env);
  return { command: [...wrap(profile), ...command], filter };
};
