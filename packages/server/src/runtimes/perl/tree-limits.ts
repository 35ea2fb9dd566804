import { statfsSync } from "node:fs";
import { processTree, readProc } from "../processes/process-tree.ts";
import { INSIDE } from "./inside.ts";

/** Processes of one plugin, with perl itself and the forwarder; as in Hitagi::Confinement. */
const MAX_PROCESSES = 64;

/** Processes between two calls: bubblewrap, the first one of its namespace, perl and the forwarder. */
const IDLE_PROCESSES = 4;

/** Files in the temporary folder: the size of a folder in memory does not count empty ones. */
const MAX_FILES = 16_384;

const MB = 1024 * 1024;

/** Sockets of one plugin: three for each of 64 connections through the forwarder, and others. */
const MAX_SOCKETS = 256;

/** Bytes that wait in its TCP connections. What waits in other sockets is limited by their number. */
const MAX_UNREAD = 64 * MB;

/** Whether a confined process has processes that its plugin started. */
export const hasChildren = (pid: number): boolean => processTree(pid).length > IDLE_PROCESSES;

/** The number of sockets in a process's network namespace, also of those that no process has open any more. */
const socketsOf = (pid: number): number =>
  Number(/^sockets: used (\d+)$/m.exec(readProc(`${pid}/net/sockstat`))?.[1] ?? 0);

/** The bytes in both queues of all TCP connections of its network namespace; see proc_pid_net(5). */
const unreadOf = (pid: number): number => {
  const tables = readProc(`${pid}/net/tcp`) + readProc(`${pid}/net/tcp6`);
  const queues = tables.matchAll(/^ *\d+: \S+ \S+ [\dA-F]{2} ([\dA-F]{8}):([\dA-F]{8}) /gm);
  return [...queues].reduce((bytes, [, out, into]) => bytes + Number(`0x${out}`) + Number(`0x${into}`), 0);
};

/** What a process's temporary folder holds; undefined while bubblewrap prepares it, and once the process has exited. */
const temporaryFolder = (perl: number): { files: number; bytes: number } | undefined => {
  try {
    const { files, ffree, blocks, bfree, bsize } = statfsSync(`/proc/${perl}/root${INSIDE.temporary}`);
    return { files: files - ffree, bytes: (blocks - bfree) * bsize };
  } catch {
    return undefined;
  }
};

/**
 * Why a confined process is over a limit; undefined if it is not. The kernel holds most of them itself, so that this watch
 * ends what stays at a limit, and holds the rest.
 * @param tree bubblewrap, the first process of its namespace, perl, and all others
 */
export const treeFault = (tree: readonly number[], folderBytes: number): string | undefined => {
  const [, , perl] = tree;
  if (perl === undefined) return undefined;
  if (tree.length > MAX_PROCESSES) return `it started ${MAX_PROCESSES} processes`;
  if (socketsOf(perl) > MAX_SOCKETS) return `it held more than ${MAX_SOCKETS} sockets`;
  if (unreadOf(perl) > MAX_UNREAD)
    return `its connections held more than ${MAX_UNREAD / MB} MB of unread data`;
  const folder = temporaryFolder(perl);
  if (!folder) return undefined;
  if (folder.files > MAX_FILES) return `its temporary folder held more than ${MAX_FILES} files`;
  if (folder.bytes > folderBytes) return `its temporary folder held more than ${folderBytes / MB} MB`;
  return undefined;
};
