import { execFile } from "node:child_process";
import { existsSync, lstatSync, readlinkSync } from "node:fs";
import { promisify } from "node:util";

/** What a program sees of this machine. */
export interface BubblewrapProfile {
  /** Bubblewrap's options that mount files and folders. Everything else does not exist inside. */
  mounts: readonly string[];
  network: "none" | "machine";
  /** A writable folder in memory, for every user inside. Without a size it may take half of the machine's memory. */
  temporary?: { folder: string; bytes: number | undefined } | undefined;
  /** The program starts as root with the right to become another user, which it must do first. Only for root. */
  startsAsRoot?: boolean | undefined;
  /** The folder inside that the program starts in. */
  folder: string;
}

/** The prefix of a command line that confines it to a profile. */
export type Bubblewrap = (profile: BubblewrapProfile) => string[];

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

/** Keeps the program from making user namespaces, where most of the kernel's faults are reached. Since version 0.8. */
const noUserNamespaces = "--disable-userns";

const commandWith =
  (bwrap: string, more: readonly string[]): Bubblewrap =>
  (profile) => [
    bwrap,
    ...flags,
    ...(profile.startsAsRoot ? becomesAnotherUser : [...otherNumber, ...more]),
    ...(profile.network === "none" ? ["--unshare-net"] : []),
    ...profile.mounts,
    ...storage(profile),
    ...devices,
    // The root is in memory and would be storage without a limit.
    "--remount-ro",
    "/",
    "--chdir",
    profile.folder,
    "--",
  ];

/** The first line of bubblewrap's message, without its paths. */
const reasonOf = (failed: unknown): string => {
  const stderr = failed instanceof Error && "stderr" in failed ? String(failed.stderr) : "";
  const line = stderr.split("\n", 1)[0]?.replace(/^bwrap: /, "");
  return line?.replaceAll(/\/\S+/g, "a path") || "it failed";
};

/**
 * Tests bubblewrap with a profile and a command inside it that ends with code 0, at the latest when its input ends.
 * @throws Error without a path, for the server's owner, if it is missing or does not work on this machine
 */
export const openBubblewrap = async (
  bwrap: string | undefined,
  profile: BubblewrapProfile,
  command: readonly string[],
  env: Record<string, string> = {},
): Promise<Bubblewrap> => {
  if (bwrap === undefined)
    throw new Error("bubblewrap is not installed; on Debian: apt-get install bubblewrap");
  let cause: unknown;
  for (const more of [[noUserNamespaces], []]) {
    const wrap = commandWith(bwrap, more);
    const [program = "", ...args] = [...wrap(profile), ...command];
    try {
      const running = promisify(execFile)(program, args, { env });
      running.child.stdin?.end();
      await running;
      return wrap;
    } catch (e) {
      cause = e;
    }
  }
  throw new Error(`bubblewrap does not work on this machine: ${reasonOf(cause)}`, { cause });
};
