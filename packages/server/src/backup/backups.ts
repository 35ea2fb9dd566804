import { randomUUID } from "node:crypto";
import { rm, rmdir } from "node:fs/promises";
import path from "node:path";
import type { Readable } from "node:stream";
import { HitagiError } from "@hitagi/contract";
import { storeError } from "../disk/errors.ts";
import { partFiles, snapshotFiles } from "./part-files.ts";
import { WORK_FOLDERS } from "./server-folders.ts";
import { type SnapshotDeps, takeSnapshot } from "./snapshot.ts";
import type { LeftOut, Part, PartFile, ServerFolders } from "./types.ts";

export interface Backups {
  /**
   * Makes a backup of the current state, as .tar.gz. The reader may stop early.
   * @param library whether to include the archives, where they are in a folder of this machine
   * @throws HitagiError BACKUP_BUSY, DISK_FULL, STORE_FAILED; later errors fail the stream
   */
  make(library: boolean): Promise<Readable>;
}

const filesOf = async function* (
  folders: ServerFolders,
  snapshot: string,
  parts: readonly Part[],
  onLeftOut: (left: LeftOut) => void,
): AsyncGenerator<PartFile> {
  for (const part of parts) {
    // The archives are not in the snapshot, because they are large and many. One that is deleted meanwhile is left out.
    if (part === "library") yield* partFiles(folders, "library", onLeftOut);
    else
      for await (const file of snapshotFiles(snapshot, part))
        if (!/-(?:wal|shm)$/.test(file.path)) yield file;
  }
};

interface BackupDeps extends SnapshotDeps {
  /** Called when a snapshot could not be removed. The next start removes it. */
  onError(error: unknown): void;
}

export const createBackups = (deps: BackupDeps): Backups => {
  const { folders, store } = deps;
  return {
    async make(library) {
      const lock = await store.locks.tryAcquire("backup");
      if (!lock) throw new HitagiError("BACKUP_BUSY");
      const snapshot = path.join(folders.data, WORK_FOLDERS.snapshots, randomUUID());
      let hasEnded = false;
      const end = async (): Promise<void> => {
        await lock.release();
        await rm(snapshot, { recursive: true, force: true });
        // Fails while another backup has a snapshot there.
        await rmdir(path.dirname(snapshot)).catch(() => {});
      };
      try {
        await takeSnapshot(deps, snapshot);
        const archives = library && folders.library !== undefined ? (["library"] as const) : [];
        const parts: Part[] = ["data", "store", "plugins", ...archives];
        // A backup is seldom made, and tar is large.
        const { packBackup } = await import("./pack.ts");
        const stream = packBackup((onLeftOut) => filesOf(folders, snapshot, parts, onLeftOut), parts);
        const onEnd = () => {
          if (!hasEnded) void end().catch(deps.onError);
          hasEnded = true;
        };
        // "end", because the reader may want the next backup then; "close" for a reader that stops early.
        return stream.once("end", onEnd).once("close", onEnd);
      } catch (e) {
        await end();
        throw storeError(e);
      }
    },
  };
};
