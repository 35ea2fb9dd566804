import { once } from "node:events";
import { existsSync, lstatSync, readlinkSync } from "node:fs";
import { startChild } from "../../async/child-process.ts";
import { findProgram } from "../../disk/find-program.ts";
import { seccompFilter } from "./seccomp-filter.ts";

/** What a program sees of this machine. */
export interface BubblewrapProfile {
  /** Bubblewrap's options that mount files and folders. Everything else does not exist inside. */
  mounts: readonly string[];
  /** Options that mount more, on top of all others. */
  topMounts?: readonly string[];
  network: "none" | "machine";
  /** A writable folder in memory, for every user inside. Without a size it may take half of the machine's memory. */
  temporary?: { folder: string; bytes: number | undefined } | undefined;
  /** The program starts as root with the right to become another user, which it must do first. Only for root. */
  startsAsRoot?: boolean | undefined;
  /** Whether the program may start others. */
  startsProcesses: boolean;
  /** The folder inside that the program starts in. */
  folder: string;
}

/** How programs are confined on this machine. */
export interface Bubblewrap {
  /** The prefix of a command line that confines it to a profile. */
  wrap(profile: BubblewrapProfile): string[];
  /** The filter of system calls, which the command reads from file descriptor 3; undefined if it has none. */
  filter: Buffer | undefined;
}

/** Bubblewrap's program; by default the one in a usual folder. null for none. */
export type BubblewrapProgram = string | null | undefined;

/** The walls around a process in it. */
export const bubblewrapWalls = ({ filter }: Pick<Bubblewrap, "filter">): ("bubblewrap" | "seccomp")[] =>
  filter ? ["bubblewrap", "seccomp"] : ["bubblewrap"];

/** What the first way that works gives. @throws the error of the last one */
export const firstThatWorks = async <Way, T>(
  ways: readonly Way[],
  work: (way: Way) => Promise<T>,
): Promise<T> => {
  let failed: unknown;
  for (const way of ways) {
    try {
      return await work(way);
    } catch (e) {
      failed = e;
    }
  }
  throw failed;
};

export const readOnly = (from: string, to = from): string[] => ["--ro-bind", from, to];

/** The links of systems on which /lib or /bin is one. */
export const rootLinks = (): string[] =>
  ["/bin", "/lib", "/lib32", "/lib64", "/libx32"].flatMap((name) =>
    existsSync(name) && lstatSync(name).isSymbolicLink() ? ["--symlink", readlinkSync(name), name] : [],
  );

/**
 * The devices that programs need. Those of `--dev` include a temporary storage without a limit, and a shared mapping of
 * /dev/zero is memory that no limit counts.
 */
const devices = ["/dev/null", "/dev/urandom", "/dev/random"].flatMap((file) => ["--dev-bind", file, file]);

/**
 * Own namespaces, no capability. The caller starts the command as a session of its own, so that `--new-session` is not
 * needed, and the end of its process group ends this too.
 */
const flags = [
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

/** Another user's number, in a user namespace. */
const otherNumber = ["--unshare-user", "--uid", "65534", "--gid", "65534"];

const becomesAnotherUser = ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"];

const storage = ({ temporary }: BubblewrapProfile): string[] => {
  if (temporary === undefined) return [];
  const size = temporary.bytes === undefined ? [] : ["--size", String(temporary.bytes)];
  return ["--perms", "1777", ...size, "--tmpfs", temporary.folder];
};

/** What not every bubblewrap, kernel and machine can do. */
interface Extras {
  filter: Buffer | undefined;
  userNamespaces: boolean;
}

/** Keeps the program from making user namespaces, where most of the kernel's faults are reached. Since version 0.8. */
const noUserNamespaces = "--disable-userns";

/** The ways to run bubblewrap, the strongest first. */
const extras = ({ startsProcesses }: BubblewrapProfile): Extras[] => {
  const filter = seccompFilter(startsProcesses);
  return [filter, undefined].flatMap((filter) => [
    { filter, userNamespaces: false },
    { filter, userNamespaces: true },
  ]);
};

const bubblewrapWith = (bwrap: string, { filter, userNamespaces }: Extras): Bubblewrap => ({
  filter,
  wrap: (profile) => [
    bwrap,
    ...flags,
    ...(filter ? ["--seccomp", "3"] : []),
    ...(profile.startsAsRoot
      ? becomesAnotherUser
      : [...otherNumber, ...(userNamespaces ? [] : [noUserNamespaces])]),
    ...(profile.network === "none" ? ["--unshare-net"] : []),
    ...profile.mounts,
    ...storage(profile),
    ...devices,
    ...(profile.topMounts ?? []),
    // The root is in memory and would be storage without a limit.
    "--remount-ro",
    "/",
    "--chdir",
    profile.folder,
    "--",
  ],
});

/** The first line of bubblewrap's message, without its paths. */
const reasonOf = (stderr: string): string => {
  const line = stderr.split("\n", 1)[0]?.replace(/^bwrap: /, "");
  return line?.replaceAll(/\/\S+/g, "a path") || "it failed";
};

/** Runs a command with no input. @throws Error without a path if it does not end with code 0 */
const runToEnd = async (
  [program = "", ...args]: readonly string[],
  env: Record<string, string>,
  third: Buffer | undefined,
): Promise<void> => {
  const child = startChild(program, args, { env, third });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  child.stdout.resume();
  child.stdin.end();
  const code = await once(child, "close").then(
    ([exit]) => exit,
    () => undefined,
  );
  if (code !== 0) throw new Error(`bubblewrap does not work on this machine: ${reasonOf(stderr)}`);
};

/**
 * Tests bubblewrap, if it can with the filter of system calls, with a profile and a command inside it that ends with code 0, at the latest when its input ends.
 * @throws Error without a path, for the server's owner, if it is missing or does not work on this machine
 */
export const openBubblewrap = async (
  bwrap: BubblewrapProgram = findProgram("bwrap"),
  profile: BubblewrapProfile,
  command: readonly string[],
  env: Record<string, string> = {},
): Promise<Bubblewrap> => {
  if (!bwrap) throw new Error("bubblewrap is not installed; on Debian: apt-get install bubblewrap");
  return firstThatWorks(extras(profile), async (extra) => {
    const bubblewrap = bubblewrapWith(bwrap, extra);
    await runToEnd([...bubblewrap.wrap(profile), ...command], env, extra.filter);
    return bubblewrap;
  });
};
