import { randomUUID } from "node:crypto";
import { rm, rmdir } from "node:fs/promises";
import path from "node:path";
import type { Readable } from "node:stream";
import { HitagiError } from "@hitagi/contract";
import { storeError } from "../disk/errors.ts";
import { packBackup } from "./pack.ts";
import { partFiles, snapshotFiles } from "./part-files.ts";
import { WORK_FOLDERS } from "./server-folders.ts";
import { type SnapshotDeps, takeSnapshot } from "./snapshot.ts";
import type { Part, PartFile, ServerFolders } from "./types.ts";

export interface Backups {
  /**
   * A backup of everything as it stands now, as .tar.gz. Whoever reads it may stop.
   * @param library whether the archives come too, where they are in a folder of this machine
   * @throws HitagiError BACKUP_BUSY, DISK_FULL, STORE_FAILED; what fails later fails the stream
   */
  make(library: boolean): Promise<Readable>;
}

const filesOf = async function* (
  folders: ServerFolders,
  folder: string,
  parts: readonly Part[],
): AsyncGenerator<PartFile> {
  for (const part of parts) {
    // Archives are large and many: they are read where they are, and one that is deleted meanwhile is not in the backup.
    if (part === "library") yield* partFiles(folders, "library");
    else
      for await (const file of snapshotFiles(folder, part)) if (!/-(?:wal|shm)$/.test(file.path)) yield file;
  }
};

interface BackupDeps extends SnapshotDeps {
  /** Told of what could not be removed; it goes at the next start. */
  onError(error: unknown): void;
}

export const createBackups = (deps: BackupDeps): Backups => {
  const { folders, store } = deps;
  const gatherIn = async (folder: string): Promise<void> => {
    try {
      await takeSnapshot(deps, folder);
    } catch (e) {
      throw storeError(e);
    }
  };
  return {
    async make(library) {
      const lock = await store.locks.tryAcquire("backup");
      if (!lock) throw new HitagiError("BACKUP_BUSY");
      const folder = path.join(folders.data, WORK_FOLDERS.backup, randomUUID());
      let isOver = false;
      const end = async (): Promise<void> => {
        await lock.release();
        await rm(folder, { recursive: true, force: true });
        // Another backup may be in there by now.
        await rmdir(path.dirname(folder)).catch(() => {});
      };
      try {
        await gatherIn(folder);
        const archives = library && folders.library !== undefined ? (["library"] as const) : [];
        const parts: Part[] = ["data", "store", "plugins", ...archives];
        const stream = packBackup(filesOf(folders, folder, parts), parts);
        const over = () => {
          if (!isOver) void end().catch(deps.onError);
          isOver = true;
        };
        // At its end, because its reader may want the next one then; and where its reader goes away before.
        return stream.once("end", over).once("close", over);
      } catch (e) {
        await end();
        throw e;
      }
    },
  };
};
