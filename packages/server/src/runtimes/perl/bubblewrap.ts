import { existsSync, realpathSync } from "node:fs";
import path from "node:path";
import type { GrantedFile } from "../granted-files.ts";
import {
  type BubblewrapProfile,
  type BubblewrapProgram,
  firstThatWorks,
  openBubblewrap,
  readOnly,
  rootLinks,
} from "../processes/bubblewrap.ts";
import { CERTIFICATES, copyCertificates } from "./certificates.ts";
import { fileMounts } from "./file-mounts.ts";
import { INSIDE } from "./inside.ts";
import { libraryMounts } from "./libraries.ts";
import type { Perl } from "./probe.ts";

/** The folders of one process, by their paths on this machine. */
export interface Folders {
  harness: string;
  archives: string;
  /** The sockets that lead to the server. */
  host: string;
}

/** Users that no system gives to people or programs (systemd's uids-gids.md), one for each process. */
const USERS = { first: 1_879_048_192, count: 200_000_000 };

/** How one process is confined, and the arguments of perl for it. */
export interface ConfinedCommand {
  /** The command line up to the arguments of perl. */
  command: string[];
  /** The user that the process becomes; undefined if it has the server's. */
  user: number | undefined;
}

export interface Confine {
  /** @param files that the plugin may read @throws HitagiError GRANTED_FILE_UNAVAILABLE */
  commandFor(folders: Folders, files: readonly GrantedFile[]): ConfinedCommand;
  /** The filter of system calls, which the command reads from file descriptor 3; undefined if it has none. */
  filter: Buffer | undefined;
}

/** Files that dates and protocols need. */
const systemFiles = ["/etc/services", "/etc/protocols", "/etc/localtime", "/usr/share/zoneinfo"];

const PERL = "/usr/bin/perl";

const parentsOf = (file: string): string[] => {
  const parent = path.dirname(file);
  return parent === "/" ? [] : [...parentsOf(parent), parent];
};

/** Makes the parents of all mounts folders that every user may enter. Bubblewrap makes them for its own user alone. */
const parentFolders = (mounts: readonly string[]): string[] => {
  const targets = mounts.filter((_, i) => /^--(?:ro-bind|symlink)$/.test(mounts[i - 2] ?? ""));
  const folders = new Set(["/dev", ...targets.flatMap(parentsOf)]);
  return [...folders].sort().flatMap((folder) => ["--perms", "0755", "--dir", folder]);
};

const sharedMounts = async (
  { program, modules, libraries }: Perl,
  certificates: string,
): Promise<string[]> => [
  ...rootLinks(),
  ...modules.flatMap((folder) => readOnly(folder)),
  ...(await libraryMounts(
    libraries,
    modules.map((folder) => realpathSync(folder)),
  )),
  ...readOnly(program, PERL),
  ...systemFiles.filter((file) => existsSync(file)).flatMap((file) => readOnly(file)),
  ...readOnly(certificates, CERTIFICATES),
  "--proc",
  "/proc",
];

/**
 * The ways to confine, the strongest first. A server that is root gives each process another user: the kernel does not
 * limit the number of root's processes. Bubblewrap can bound the temporary folder since version 0.7.
 */
const ways = [
  { ownUser: true, sized: true },
  { ownUser: false, sized: true },
  { ownUser: false, sized: false },
].filter(({ ownUser }) => !ownUser || process.getuid?.() === 0);

/** The arguments of perl that confine it further from inside; see Hitagi::Confinement. */
export const enterConfinement = (user: number | undefined): string[] => [
  `-I${INSIDE.harness}`,
  `-MHitagi::Confinement=${user ?? 0}`,
];

export interface ConfineOptions {
  bwrap: BubblewrapProgram;
  perl: Perl;
  /** Folders that exist, for the test. */
  example: Folders;
  /** A folder for files of all processes. */
  shared: string;
  /** Bytes of the temporary folder. */
  folderBytes: number;
}

/** Tests bubblewrap, with the harness. @throws Error without a path if it is missing or does not work */
export const createConfine = async ({
  bwrap,
  perl,
  example,
  shared,
  folderBytes,
}: ConfineOptions): Promise<Confine> => {
  const certificates = path.join(shared, "certificates.pem");
  await copyCertificates(certificates);
  const mounts = await sharedMounts(perl, certificates);
  const parents = parentFolders(mounts);
  let used = 0;
  const nextUser = (): number => USERS.first + ((process.pid * 4096 + used++) % USERS.count);

  const profileOf = (
    folders: Folders,
    { ownUser, sized }: (typeof ways)[number],
    topMounts: readonly string[] = [],
  ): BubblewrapProfile => ({
    topMounts: ownUser ? [...parentFolders(topMounts), ...topMounts] : topMounts,
    mounts: [
      ...(ownUser ? parents : []),
      ...mounts,
      ...readOnly(folders.harness, INSIDE.harness),
      ...readOnly(folders.archives, INSIDE.archives),
      ...readOnly(folders.host, INSIDE.host),
    ],
    temporary: { folder: INSIDE.temporary, bytes: sized ? folderBytes : undefined },
    network: "none",
    startsProcesses: true,
    folder: INSIDE.temporary,
    startsAsRoot: ownUser,
  });

  return firstThatWorks(ways, async (way) => {
    const userFor = () => (way.ownUser ? nextUser() : undefined);
    const check = [PERL, ...enterConfinement(userFor()), "-MHitagi::Preload", "-e", "1"];
    const { wrap, filter } = await openBubblewrap(bwrap, profileOf(example, way), check);
    return {
      commandFor: (folders, files) => ({
        command: [...wrap(profileOf(folders, way, fileMounts(files, mounts, way.ownUser))), PERL],
        user: userFor(),
      }),
      filter,
    };
  });
};
