import type { FileHandle } from "node:fs/promises";
import path from "node:path";
import { HitagiError } from "@hitagi/contract";
import type { ArchiveRecord, CategoryStore } from "../store/types.ts";
import { isArchiveFile, openArchiveFile, removeArchiveFile } from "./archive-file.ts";
import { createArchiveIndex } from "./archive-index.ts";
import { createCategories } from "./categories.ts";
import { createContainers } from "./containers/containers.ts";
import type { Containers } from "./containers/types.ts";
import { isArchiveName, safeFilename, stemOf } from "./filename.ts";
import { createIncoming, type Incoming, type Received } from "./incoming.ts";
import { countPages, createInspector } from "./inspect.ts";
import { libraryProblems } from "./problems.ts";
import { type SyncDeps, type SyncOptions, type SyncReport, syncFolder, withArchiveLock } from "./sync.ts";
import { storedText, tidyChange, tidyTags, titleOr } from "./tags.ts";
import type { Library, Upload } from "./types.ts";
import { walkLibrary } from "./walk.ts";
import { asBroken } from "./zip.ts";

export interface FolderLibraryDeps extends Omit<SyncDeps, "inspector"> {
  maxUploadBytes: number;
  categories: CategoryStore;
}

/** A library that is a folder of archives, subfolders included. */
export interface FolderLibrary extends Library {
  /**
   * Updates the store from a folder that others may have changed: adds new files, follows moved ones and reports missing
   * ones. Reads only files that differ from their record.
   */
  sync(options?: SyncOptions): Promise<SyncReport>;
  /** Ends the processes that read archives. */
  close(): Promise<void>;
}

export const createFolderLibrary = (options: FolderLibraryDeps): FolderLibrary => {
  const containers = createContainers();
  const deps = { ...options, containers, inspector: createInspector(containers) };
  const { folder, linkTargets, archives } = deps;
  const incoming = createIncoming(folder, deps.maxUploadBytes);

  const get = async (id: string): Promise<ArchiveRecord> => {
    const record = await archives.get(id);
    if (record === undefined) throw new HitagiError("ARCHIVE_NOT_FOUND", { id });
    return record;
  };
  /** The archive's file, below the folder that others write to. */
  const fileOf = async (id: string) => ({ folder, file: (await get(id)).file, linkTargets });
  const open = async (id: string): Promise<FileHandle> => {
    const file = await fileOf(id);
    return openArchiveFile(file).catch((error: unknown) => {
      throw asBroken(error);
    });
  };

  const index = createArchiveIndex(archives);
  const categories = createCategories({ store: deps.categories, getArchive: get, now: deps.now });

  return {
    categories,
    folder,
    list: () => archives.list(),
    select: index.select,
    ids: index.ids,
    count: () => archives.count(),
    async missing() {
      const there = new Set<string>();
      // All are missing while the library itself cannot be read.
      await walkLibrary(deps, { onFile: (file) => void there.add(file) }).catch(() => {});
      const gone = (await archives.list()).filter(({ file }) => !there.has(file));
      return new Set(gone.map(({ id }) => id));
    },
    get,
    async add(upload) {
      const filename = safeFilename(upload.filename);
      if (!isArchiveName(filename))
        throw new HitagiError("ARCHIVE_TYPE_UNSUPPORTED", { filename: upload.filename });
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
        await removeArchiveFile({ folder, file: record.file, linkTargets });
        await archives.delete(id);
        await categories.replaceArchive(id);
        return record;
      }),
    entries: async (id) => containers.entries(await fileOf(id)),
    read: async (id, name, maxBytes) => containers.read(await fileOf(id), name, maxBytes),
    open,
    async localFile(id) {
      const { file } = await fileOf(id);
      await (await open(id)).close();
      return path.join(folder, file);
    },
    search: async (q, limit) => (await index.select({ q }, 0, limit)).items,
    async sync(options) {
      await incoming.clean();
      const report = await syncFolder(deps, options);
      for (const { from, to } of report.replaced) await categories.replaceArchive(from, to);
      return report;
    },
    problems: () => libraryProblems(deps),
    async close() {
      index.close();
      await containers.close();
    },
  };
};

/** Checks a received file and adds it. */
const admit = async (
  { folder, linkTargets, archives, containers, now }: SyncDeps & { containers: Containers },
  incoming: Incoming,
  upload: Upload,
  received: Received,
  filename: string,
): Promise<ArchiveRecord> => {
  const known = await archives.get(received.id);
  if (known !== undefined) {
    // The file of a known archive was deleted outside of Hitagi: the upload restores it.
    if (await isArchiveFile({ folder, file: known.file, linkTargets })) {
      throw new HitagiError("ARCHIVE_EXISTS", { id: known.id });
    }
    const file = await incoming.place(received, filename);
    await archives.update(known.id, { file });
    return { ...known, file };
  }
  const { pages } = await countPages(containers, received.temp);
  const file = await incoming.place(received, filename);
  const record: ArchiveRecord = {
    id: received.id,
    file,
    title: titleOr(upload.title, stemOf(filename)),
    tags: tidyTags(upload.tags ?? ""),
    summary: storedText(upload.summary ?? ""),
    size: received.size,
    modified: received.modified,
    pages,
    added: Math.floor(now()),
  };
  if (await archives.add(record)) return record;
  await removeArchiveFile({ folder, file });
  throw new HitagiError("ARCHIVE_EXISTS", { id: received.id });
};
