import { readdir, rm, unlink } from "node:fs/promises";
import path from "node:path";
import { HitagiError } from "@hitagi/contract";
import { exists } from "../disk/files.ts";
import type { ArchiveRecord } from "../store/types.ts";
import { isArchiveName, safeFilename } from "./filename.ts";
import { createIncoming, type Incoming, type Received } from "./incoming.ts";
import { matching } from "./search.ts";
import { type SyncDeps, type SyncOptions, type SyncReport, syncFolder, withArchiveLock } from "./sync.ts";
import { tidyChange, tidyTags } from "./tags.ts";
import type { Library, Upload } from "./types.ts";
import { readZipEntry, zipEntries } from "./zip.ts";
import { createDirectories } from "./zip-directories.ts";
import { isPage } from "./zip-names.ts";

export interface FolderLibraryDeps extends SyncDeps {
  maxUploadBytes: number;
}

/** A library that is a folder of .zip and .cbz files, subfolders included. */
export interface FolderLibrary extends Library {
  /**
   * Updates the store from a folder that others may have changed: adds new files, follows moved ones and reports missing
   * ones. Reads only files that differ from their record.
   */
  sync(options?: SyncOptions): Promise<SyncReport>;
}

export const createFolderLibrary = (deps: FolderLibraryDeps): FolderLibrary => {
  const { folder, archives } = deps;
  const incoming = createIncoming(folder, deps.maxUploadBytes);
  const directories = createDirectories();

  const get = async (id: string): Promise<ArchiveRecord> => {
    const record = await archives.get(id);
    if (record === undefined) throw new HitagiError("ARCHIVE_NOT_FOUND", { id });
    return record;
  };
  const fileOf = (record: ArchiveRecord) => path.join(folder, record.file);

  return {
    list: () => archives.list(),
    count: () => archives.count(),
    async missing() {
      const there = new Set((await readdir(folder, { recursive: true }).catch(() => [])).map(posixName));
      const gone = (await archives.list()).filter(({ file }) => !there.has(file));
      return new Set(gone.map(({ id }) => id));
    },
    get,
    async add(upload) {
      const filename = safeFilename(upload.filename);
      if (!isArchiveName(filename)) throw new HitagiError("ARCHIVE_TYPE_UNSUPPORTED", { filename });
      return incoming.receive(upload, (received) =>
        withArchiveLock(deps.locks, received.id, () => admit(deps, incoming, upload, received, filename)),
      );
    },
    async update(id, patch, durability) {
      if (!(await archives.update(id, tidyChange(patch), durability)))
        throw new HitagiError("ARCHIVE_NOT_FOUND", { id });
      return get(id);
    },
    delete: (id) =>
      withArchiveLock(deps.locks, id, async () => {
        const record = await get(id);
        await rm(fileOf(record), { force: true });
        await archives.delete(id);
        return record;
      }),
    entries: async (id) => zipEntries(fileOf(await get(id)), directories),
    read: async (id, name, maxBytes) => readZipEntry(fileOf(await get(id)), name, maxBytes, directories),
    localFile: async (id) => fileOf(await get(id)),
    search: async (text, limit) => matching(await archives.list(), text, limit),
    async sync(options) {
      await incoming.clean();
      return syncFolder(deps, options);
    },
  };
};

const posixName = (name: string): string => name.replaceAll(path.sep, "/");

/** Checks a received file and adds it. */
const admit = async (
  { folder, archives, now }: FolderLibraryDeps,
  incoming: Incoming,
  upload: Upload,
  received: Received,
  filename: string,
): Promise<ArchiveRecord> => {
  const known = await archives.get(received.id);
  if (known !== undefined) {
    // The file of a known archive was deleted outside of Hitagi: the upload restores it.
    if (await exists(path.join(folder, known.file))) {
      throw new HitagiError("ARCHIVE_EXISTS", { id: known.id });
    }
    const file = await incoming.place(received, filename);
    await archives.update(known.id, { file });
    return { ...known, file };
  }
  const pages = (await zipEntries(received.temp)).filter((e) => isPage(e.name)).length;
  const file = await incoming.place(received, filename);
  const record: ArchiveRecord = {
    id: received.id,
    file,
    title: upload.title?.trim() || path.parse(filename).name,
    tags: tidyTags(upload.tags ?? ""),
    summary: upload.summary ?? "",
    size: received.size,
    pages,
    added: Math.floor(now()),
  };
  if (await archives.add(record)) return record;
  await unlink(path.join(folder, file));
  throw new HitagiError("ARCHIVE_EXISTS", { id: received.id });
};
