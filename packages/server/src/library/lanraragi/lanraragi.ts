import path from "node:path";
import { HitagiError, isHitagiError } from "@hitagi/contract";
import type { ArchiveRecord } from "../../store/types.ts";
import { openArchiveFile } from "../archive-file.ts";
import { createContainers } from "../containers/containers.ts";
import { createFileCache } from "../file-cache.ts";
import { isArchiveName, isZipName, safeFilename, stemOf } from "../filename.ts";
import { createIncoming, type Received } from "../incoming.ts";
import { selectArchives } from "../select.ts";
import { storedText, tidyChange, tidyTags, titleOr } from "../tags.ts";
import type { Library, Upload } from "../types.ts";
import { readArchive, readArchives } from "./archive.ts";
import { createRemoteCategories } from "./categories.ts";
import { putMetadata } from "./metadata.ts";
import { createPages } from "./pages.ts";
import { createRecent } from "./recent.ts";
import type { LanraragiServer } from "./server.ts";
import { createRemoteThumbnails } from "./thumbnails.ts";
import { sendArchive } from "./upload.ts";

export interface LanraragiLibraryDeps {
  server: LanraragiServer;
  /** The folder of cached files. Absolute; made if it is missing. */
  folder: string;
  maxCacheBytes: number;
  maxUploadBytes: number;
  /** Milliseconds for which the server's answers about archives are cached for reads. */
  freshMs?: number;
}

/** Milliseconds. */
const COUNT_MS = 2000;

const ID = /^[0-9a-f]{40}$/;

/** All archives of a server. @throws HitagiError, as its calls do */
export const listArchives = async (
  server: LanraragiServer,
  signal?: AbortSignal,
): Promise<ArchiveRecord[]> => {
  const { body } = await server.json({ method: "GET", path: "archives", ...(signal && { signal }) });
  return readArchives(body);
};

/** Undefined for an unknown archive. */
const unlessUnknown = async <T>(work: Promise<T>): Promise<T | undefined> => {
  try {
    return await work;
  } catch (error) {
    if (isHitagiError(error, "ARCHIVE_NOT_FOUND")) return undefined;
    throw error;
  }
};

/**
 * A library on a LANraragi server. Each call asks the server; only files and recent answers are cached. `close` ends the processes that
 * read archives.
 */
export const createLanraragiLibrary = (deps: LanraragiLibraryDeps): Library & { close(): Promise<void> } => {
  const { server, folder, freshMs = 5000 } = deps;
  const incoming = createIncoming(folder, deps.maxUploadBytes, true);
  const files = createFileCache(path.join(folder, "files"), deps.maxCacheBytes);
  const containers = createContainers();
  const pages = createPages(server);
  const recent = createRecent(freshMs);
  const thumbnailOf = createRemoteThumbnails(server);

  /** Incomplete uploads of an earlier process are removed before the first upload. */
  let cleaned: Promise<void> | undefined;

  const list = async (): Promise<ArchiveRecord[]> => recent.list.keep(await listArchives(server));

  const get = async (id: string): Promise<ArchiveRecord> => {
    if (!ID.test(id)) throw new HitagiError("ARCHIVE_NOT_FOUND", { id });
    const { body } = await server.json({ method: "GET", path: `archives/${id}/metadata`, id });
    return recent.records.keep(readArchive(body), id);
  };

  /** The record, cached, so that a plugin can read many pages without waiting for it each time. */
  const known = async (id: string): Promise<ArchiveRecord> => recent.records.get(id) ?? get(id);

  /** LANraragi's id covers only the file's start, so the size is part of the name. */
  const nameIn = ({ id, size }: Pick<ArchiveRecord, "id" | "size">, filename: string): string =>
    `${id}-${size}${path.extname(filename).toLowerCase()}`;
  const fileOf = (record: ArchiveRecord): Promise<string> =>
    files.file(nameIn(record, record.file), () =>
      server.file({ method: "GET", path: `archives/${record.id}/download`, id: record.id }),
    );

  /** Reads an archive's file here, or, where only LANraragi can open it, what it shows of it. */
  const readOr = async <T>(
    record: ArchiveRecord,
    read: (file: string) => Promise<T>,
    shown: () => Promise<T>,
  ): Promise<T> => {
    if (!isArchiveName(record.file)) return shown();
    try {
      return await read(await fileOf(record));
    } catch (error) {
      const isClosed = isHitagiError(error, "ARCHIVE_UNREADABLE") || isHitagiError(error, "ARCHIVE_BROKEN");
      if (!isClosed || isZipName(record.file)) throw error;
      return shown();
    }
  };

  /** Sends a received file on, and caches it, because a new archive is read soon. */
  const send = async (upload: Upload, received: Received, filename: string): Promise<ArchiveRecord> => {
    const { temp, id, checksum, size } = received;
    if (isZipName(filename)) await containers.entries(temp);
    if (await unlessUnknown(get(id))) throw new HitagiError("ARCHIVE_EXISTS", { id });
    const title = titleOr(upload.title, stemOf(filename));
    const tags = tidyTags(upload.tags ?? "");
    const added = await sendArchive(server, {
      ...{ file: temp, filename, id, checksum, title, tags },
      summary: upload.summary && storedText(upload.summary),
    });
    await files.keep(nameIn({ id: added, size }, filename), temp);
    recent.clear();
    return get(added);
  };

  return {
    categories: createRemoteCategories(server, get),
    folder: undefined,
    list,
    select: async (selection, from, count) => selectArchives(await list(), selection, from, count),
    ids: async (selection) => (await selectArchives(await list(), selection)).items.map(({ id }) => id),
    async count() {
      const known = recent.total.get();
      if (known !== undefined) return known;
      const signal = AbortSignal.timeout(COUNT_MS);
      const { body } = await server.json({ method: "GET", path: "info", once: true, signal });
      const { total_archives: total } = body as { total_archives?: unknown };
      return recent.total.keep(typeof total === "number" ? total : (await list()).length);
    },
    // LANraragi drops the records of missing files.
    missing: async () => new Set(),
    // LANraragi's own page lists the files that it cannot open.
    problems: async () => [],
    get,
    async add(upload) {
      const filename = safeFilename(upload.filename);
      cleaned ??= incoming.clean();
      await cleaned;
      return incoming.receive(upload, (received) => send(upload, received, filename));
    },
    async update(id, patch) {
      const change = tidyChange(patch);
      const before = await get(id);
      if (Object.keys(change).length === 0) return before;
      await putMetadata(server, id, change);
      recent.clear();
      return get(id);
    },
    async delete(id) {
      const record = await get(id);
      await server.json({ method: "DELETE", path: `archives/${id}`, id });
      recent.clear();
      await files.drop(id);
      return record;
    },
    async entries(id) {
      const record = await known(id);
      return readOr(record, containers.entries, () => pages.entries(id));
    },
    async read(id, name, maxBytes) {
      const record = await known(id);
      const read = (file: string) => containers.read(file, name, maxBytes);
      return readOr(record, read, () => pages.read(id, name, maxBytes));
    },
    async thumbnail(id, page, signal) {
      const thumbnail = await thumbnailOf(id, page, signal);
      // Without one, the archive may not exist.
      if (thumbnail === undefined) await get(id);
      return thumbnail;
    },
    open: async (id) => openArchiveFile(await fileOf(await get(id))),
    localFile: async (id) => fileOf(await get(id)),
    close: containers.close,
    search: async (q, limit) =>
      (await selectArchives(recent.list.get() ?? (await list()), { q }, 0, limit)).items,
  };
};
