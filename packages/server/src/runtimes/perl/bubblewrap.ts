import { execFile } from "node:child_process";
import { existsSync, lstatSync, readlinkSync, realpathSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
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

const readOnly = (from: string, to = from): string[] => ["--ro-bind", from, to];

/** The links of systems on which /lib or /bin is one. */
const rootLinks = (): string[] =>
  ["/bin", "/lib", "/lib32", "/lib64", "/libx32"].flatMap((name) =>
    existsSync(name) && lstatSync(name).isSymbolicLink() ? ["--symlink", readlinkSync(name), name] : [],
  );

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

/** Only the network namespace is shared with the machine, and no capability is kept. */
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

/** The prefix of a command line that confines it to these folders. */
export type Confine = (folders: Folders) => string[];

/** @throws Error with the first line of bubblewrap's message if it does not work here */
const tryRun = async (command: readonly string[]): Promise<void> => {
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

/** Tests bubblewrap on folders that exist. @throws Error without a path if it is missing or does not work */
export const createConfine = async (
  bwrap: string | undefined,
  perl: Perl,
  example: Folders,
): Promise<Confine> => {
  if (bwrap === undefined)
    throw new Error("bubblewrap is not installed; on Debian: apt-get install bubblewrap");
  const common = [bwrap, ...flags, ...sharedMounts(perl), "--proc", "/proc", "--dev", "/dev"];
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
  await tryRun(confine(example));
  return confine;
};
