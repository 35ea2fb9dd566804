import { existsSync, lstatSync, realpathSync } from "node:fs";
import path from "node:path";
import { type BubblewrapProfile, openBubblewrap, readOnly, rootLinks } from "../processes/bubblewrap.ts";
import type { Perl } from "./probe.ts";

/** Paths inside the confinement. */
export const INSIDE = { harness: "/hitagi", temporary: "/tmp", archives: "/archives" } as const;

/** The folders of one process, by their paths on this machine. */
export interface Folders {
  harness: string;
  temporary: string;
  archives: string;
}

/** Files that requests need: names, certificates and the time zone. */
const networkFiles = [
  "/etc/hosts",
  "/etc/host.conf",
  "/etc/nsswitch.conf",
  "/etc/gai.conf",
  "/etc/services",
  "/etc/protocols",
  "/etc/localtime",
  "/etc/ssl",
  "/etc/pki",
  "/etc/ca-certificates",
  "/usr/lib/ssl",
  "/usr/local/share/ca-certificates",
  "/usr/share/ca-certificates",
  "/usr/share/zoneinfo",
];

/** Programs name their dynamic loader by a fixed path, which is often a link. */
const loaders = (libraries: readonly string[]): string[] => {
  const names = libraries.map((file) => path.basename(file)).filter((name) => /^ld[-.]/.test(name));
  return ["/lib", "/lib64", "/usr/lib", "/usr/lib64"]
    .flatMap((folder) => names.map((name) => path.join(folder, name)))
    .filter((file) => existsSync(file) && !lstatSync(path.dirname(file)).isSymbolicLink())
    .flatMap((file) => readOnly(realpathSync(file), file));
};

const resolver = (): string[] =>
  existsSync("/etc/resolv.conf") ? readOnly(realpathSync("/etc/resolv.conf"), "/etc/resolv.conf") : [];

/** The mounts that all processes share: perl with its modules and libraries, and the files that requests need. */
const sharedMounts = ({ program, modules, libraries }: Perl): string[] => {
  const folders = [...new Set([...modules, ...libraries.map((file) => path.dirname(file))])].sort();
  return [
    ...rootLinks(),
    ...folders.flatMap((folder) => readOnly(folder)),
    ...loaders(libraries),
    ...readOnly(program, "/usr/bin/perl"),
    ...networkFiles.filter((file) => existsSync(file)).flatMap((file) => readOnly(file)),
    ...resolver(),
  ];
};

/** The prefix of a command line that confines it to these folders. */
export type Confine = (folders: Folders) => string[];

/** Tests bubblewrap on folders that exist. @throws Error without a path if it is missing or does not work */
export const createConfine = async (
  bwrap: string | undefined,
  perl: Perl,
  example: Folders,
): Promise<Confine> => {
  const shared = [...sharedMounts(perl), "--proc", "/proc"];
  const profileOf = ({ harness, temporary, archives }: Folders): BubblewrapProfile => ({
    mounts: [
      ...shared,
      ...readOnly(harness, INSIDE.harness),
      "--bind",
      temporary,
      INSIDE.temporary,
      ...readOnly(archives, INSIDE.archives),
    ],
    network: "machine",
    folder: INSIDE.temporary,
  });
  const wrap = await openBubblewrap(bwrap, profileOf(example), ["/usr/bin/perl", "-e", "1"]);
  return (folders) => wrap(profileOf(folders));
};
