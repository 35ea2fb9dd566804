import { createReadStream } from "node:fs";
import type { BackupManifest } from "./types.ts";
import { unpackBackup } from "./unpack.ts";

/** Reads a backup's file to its end, and compares all that is in it with its manifest. @throws HitagiError BACKUP_INVALID */
export const checkBackup = (file: string): Promise<BackupManifest> =>
  unpackBackup(createReadStream(file), async (_path, content) => {
    for await (const _bytes of content);
  });
