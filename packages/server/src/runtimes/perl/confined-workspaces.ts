import { chmodSync, mkdirSync } from "node:fs";
import { chmod, copyFile, mkdir, rm, stat } from "node:fs/promises";
import path from "node:path";
import { linkOrCopy } from "../../disk/files.ts";
import type { Folders } from "./bubblewrap.ts";
import { type CallWorkspaces, createDisposal, moveMadeFile } from "./call-workspaces.ts";
import { openHostSockets } from "./host-sockets.ts";
import { INSIDE } from "./inside.ts";

/** Read by everyone: the process may have a user of its own. */
const READABLE = { file: 0o444, folder: 0o755 };

const isReadableByAll = async (file: string): Promise<boolean> => ((await stat(file)).mode & 0o444) === 0o444;

/**
 * The workspaces of a confined process: its temporary folder is in memory, and only the process has it. It sees archives in
 * a folder that is mounted read-only, and hands over a file by a socket.
 * @param folder for the folders of the process; it is made here, and removed by `dispose`
 * @param maxFileBytes largest file that is taken
 */
export const createConfinedWorkspaces = (
  folder: string,
  harness: string,
  maxFileBytes: number,
): CallWorkspaces & { folders: Folders } => {
  const folders = { harness, archives: path.join(folder, "archives"), host: path.join(folder, "host") };
  const taken = path.join(folder, "taken");
  for (const made of [folder, folders.archives, folders.host, taken]) mkdirSync(made);
  for (const shown of [folders.archives, folders.host]) chmodSync(shown, READABLE.folder);
  const sockets = openHostSockets(folders.host, maxFileBytes);
  const disposal = createDisposal(folder);
  let last = 0;

  /** A hard link, so that nothing is copied; the mount keeps the plugin from writing through it. */
  const show = async (archive: string, shown: string): Promise<void> => {
    await mkdir(path.dirname(shown));
    await chmod(path.dirname(shown), READABLE.folder);
    if (await isReadableByAll(archive)) return linkOrCopy(archive, shown);
    await copyFile(archive, shown);
    await chmod(shown, READABLE.file);
  };

  return {
    folders,
    takesFromEnded: false,
    async open({ archiveFile, network, takeFile }) {
      disposal.opened();
      const number = String(++last);
      const archive = await archiveFile?.();
      const name = archive === undefined ? "" : path.basename(archive);
      const received = path.join(taken, number);
      if (archive !== undefined) await show(archive, path.join(folders.archives, number, name));
      sockets.network = network;
      sockets.target = takeFile && received;
      return {
        tempdir: `${INSIDE.temporary}/${number}`,
        file: archive === undefined ? undefined : `${INSIDE.archives}/${number}/${name}`,
        take: (file) => moveMadeFile(received, path.join(taken, "file", path.basename(file))),
        async close() {
          sockets.network = undefined;
          sockets.target = undefined;
          network?.close();
          for (const made of [path.join(folders.archives, number), received, path.join(taken, "file")]) {
            await rm(made, { recursive: true, force: true });
          }
          await disposal.closed();
        },
      };
    },
    dispose() {
      sockets.close();
      return disposal.dispose();
    },
  };
};
