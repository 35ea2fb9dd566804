import { stat } from "node:fs/promises";
import path from "node:path";
import { HitagiError } from "@hitagi/contract";
import { openArchiveFile } from "../library/archive-file.ts";
import { archiveIdOf } from "../library/archive-id.ts";
import { createContainers } from "../library/containers/containers.ts";
import { stemOf } from "../library/filename.ts";
import { countPages } from "../library/inspect.ts";
import { selectArchives } from "../library/select.ts";
import { joinTags, tidyChange } from "../library/tags.ts";
import type { Categories } from "../library/types.ts";
import type { BrokerDeps } from "../runtimes/broker/broker.ts";
import type { ArchiveRecord } from "../store/types.ts";
import type { KitArchive, LibraryChange } from "./types.ts";

/** The archives of one run as a library. Changes stay in memory. */
export interface KitLibrary {
  /** For the broker. */
  readonly library: BrokerDeps["library"];
  /** Adds a file, and answers its record. A file that is no archive can be added too. @throws the file system's error */
  add(archive: KitArchive): Promise<ArchiveRecord>;
  /** The path of an archive's file. */
  fileOf(id: string): string | undefined;
  /** Forgets all archives and changes. */
  clear(): void;
  changes(): readonly LibraryChange[];
  close(): Promise<void>;
}

const unavailable = async (): Promise<never> => {
  throw new HitagiError("CAPABILITY_DENIED", {
    action: "use categories",
    reason: "there are none outside of a server",
  });
};

const noCategories: Categories = {
  list: async () => [],
  bookmark: async () => undefined,
  unlinkBookmark: async () => undefined,
  get: unavailable,
  create: unavailable,
  update: unavailable,
  delete: unavailable,
  add: unavailable,
  remove: unavailable,
  linkBookmark: unavailable,
};

export const createKitLibrary = (): KitLibrary => {
  const containers = createContainers();
  const records = new Map<string, ArchiveRecord>();
  const files = new Map<string, string>();
  const pages = new Map<string, Promise<number>>();
  const changed: LibraryChange[] = [];

  const get = async (id: string): Promise<ArchiveRecord> => {
    const record = records.get(id);
    if (record === undefined) throw new HitagiError("ARCHIVE_NOT_FOUND", { id });
    return record;
  };
  const fileOf = async (id: string): Promise<string> => files.get((await get(id)).id) ?? "";
  /** A file that cannot be read has none. */
  const pagesOf = async (id: string): Promise<number> => {
    try {
      return (await countPages(containers, await fileOf(id))).pages;
    } catch {
      return 0;
    }
  };
  /** The pages are counted only for a plugin that sees them: that reads the file. */
  const counted = async (record: ArchiveRecord): Promise<ArchiveRecord> => {
    const counting = pages.get(record.id) ?? pagesOf(record.id);
    pages.set(record.id, counting);
    return { ...record, pages: await counting };
  };
  const list = () => Promise.all([...records.values()].map(counted));

  return {
    library: {
      categories: noCategories,
      folder: undefined,
      list,
      get: async (id) => counted(await get(id)),
      count: async () => records.size,
      search: async (text, limit) =>
        (await selectArchives([...records.values()], { q: text }, 0, limit)).items,
      entries: async (id) => containers.entries(await fileOf(id)),
      read: async (id, name, maxBytes) => containers.read(await fileOf(id), name, maxBytes),
      open: async (id) => openArchiveFile(await fileOf(id)),
      update: async (id, patch) => {
        const change = tidyChange(patch);
        const record = { ...(await get(id)), ...change };
        records.set(id, record);
        changed.push({ id, ...change });
        return record;
      },
    },
    add: async ({ file, path: place = path.basename(file), title, tags = [], summary = "" }) => {
      const { size } = await stat(file);
      const record: ArchiveRecord = {
        id: await archiveIdOf(file),
        file: place,
        title: title ?? stemOf(path.basename(file)),
        tags: joinTags(tags),
        summary,
        size,
        pages: 0,
        added: 0,
      };
      records.set(record.id, record);
      files.set(record.id, file);
      return record;
    },
    fileOf: (id) => files.get(id),
    clear: () => {
      records.clear();
      files.clear();
      pages.clear();
      changed.length = 0;
    },
    changes: () => changed,
    close: () => containers.close(),
  };
};
