import { execFile } from "node:child_process";
import { existsSync, lstatSync, readlinkSync, realpathSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import type { Perl } from "./probe.ts";

/** Where a confined process finds what it is given. */
export const INSIDE = { harness: "/hitagi", temporary: "/tmp", archives: "/archives" } as const;

/** The folders of one process, as they lie on this machine. */
export interface Folders {
  harness: string;
  temporary: string;
  archives: string;
}

/** Names and certificates of the network, and the time zone: what a request needs. */
const network = [
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

const readOnly = (from: string, to = from): string[] => ["--ro-bind", from, to];

/** Systems whose /lib is a link have the same link inside. */
const links = (): string[] =>
  ["/bin", "/lib", "/lib32", "/lib64", "/libx32"].flatMap((name) =>
    existsSync(name) && lstatSync(name).isSymbolicLink() ? ["--symlink", readlinkSync(name), name] : [],
  );

/** The program that starts programs is looked for by a fixed path, which is often a link of its own. */
const loaders = (libraries: readonly string[]): string[] => {
  const names = libraries.map((file) => path.basename(file)).filter((name) => /^ld[-.]/.test(name));
  return ["/lib", "/lib64", "/usr/lib", "/usr/lib64"]
    .flatMap((folder) => names.map((name) => path.join(folder, name)))
    .filter((file) => existsSync(file) && !lstatSync(path.dirname(file)).isSymbolicLink())
    .flatMap((file) => readOnly(realpathSync(file), file));
};

const resolver = (): string[] =>
  existsSync("/etc/resolv.conf") ? readOnly(realpathSync("/etc/resolv.conf"), "/etc/resolv.conf") : [];

/** What is the same for all processes: perl with its modules and libraries, and what a request needs. */
const machine = ({ program, modules, libraries }: Perl): string[] => {
  const folders = [...new Set([...modules, ...libraries.map((file) => path.dirname(file))])].sort();
  return [
    ...links(),
    ...folders.flatMap((folder) => readOnly(folder)),
    ...loaders(libraries),
    ...readOnly(program, "/usr/bin/perl"),
    ...network.filter((file) => existsSync(file)).flatMap((file) => readOnly(file)),
    ...resolver(),
  ];
};

/** No namespace but that of the network is shared with the machine, and no right is kept. */
const flags = [
  "--unshare-user",
  "--unshare-pid",
  "--unshare-ipc",
  "--unshare-uts",
  "--unshare-cgroup-try",
  "--die-with-parent",
  "--cap-drop",
  "ALL",
  "--hostname",
  "plugin",
];

/** What a command line begins with, to run in a view of the machine that holds nothing else. */
export type Confine = (folders: Folders) => string[];

/** @throws Error with bubblewrap's own first line where this machine does not let it work */
const tryOut = async (command: readonly string[]): Promise<void> => {
  const [program = "", ...args] = command;
  await promisify(execFile)(program, [...args, "/usr/bin/perl", "-e", "1"], { env: {} }).catch(
    (cause: unknown) => {
      const stderr = cause instanceof Error && "stderr" in cause ? String(cause.stderr) : "";
      const line = stderr
        .split("\n", 1)[0]
        ?.replace(/^bwrap: /, "")
        .replaceAll(/\/\S+/g, "a path");
      throw new Error(`bubblewrap does not work on this machine: ${line || "it failed"}`, { cause });
    },
  );
};

/**
 * Finds out whether bubblewrap works here, by using it.
 * @param example folders that are there
 * @throws Error in words where it is not installed or does not work
 */
export const createConfine = async (
  bwrap: string | undefined,
  perl: Perl,
  example: Folders,
): Promise<Confine> => {
  if (bwrap === undefined)
    throw new Error("bubblewrap is not installed; on Debian: apt-get install bubblewrap");
  const common = [bwrap, ...flags, ...machine(perl), "--proc", "/proc", "--dev", "/dev"];
  const confine: Confine = ({ harness, temporary, archives }) => [
    ...common,
    ...readOnly(harness, INSIDE.harness),
    "--bind",
    temporary,
    INSIDE.temporary,
    ...readOnly(archives, INSIDE.archives),
    "--chdir",
    INSIDE.temporary,
    "--",
  ];
  await tryOut(confine(example));
  return confine;
};
