import { stat } from "node:fs/promises";
import path from "node:path";
import { HitagiError } from "@hitagi/contract";
import { openArchiveFile } from "../library/archive-file.ts";
import { archiveIdOf } from "../library/archive-id.ts";
import { createContainers } from "../library/containers/containers.ts";
import { stemOf } from "../library/filename.ts";
import { matching } from "../library/search.ts";
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
  const changed: LibraryChange[] = [];

  const get = async (id: string): Promise<ArchiveRecord> => {
    const record = records.get(id);
    if (record === undefined) throw new HitagiError("ARCHIVE_NOT_FOUND", { id });
    return record;
  };
  const fileOf = async (id: string): Promise<string> => files.get((await get(id)).id) ?? "";
  const list = async () => [...records.values()];

  return {
    library: {
      categories: noCategories,
      folder: undefined,
      list,
      get,
      count: async () => records.size,
      search: async (text, limit) => matching(await list(), text, limit),
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
    add: async ({ file, title, tags = [], summary = "" }) => {
      const name = path.basename(file);
      const { size } = await stat(file);
      const record: ArchiveRecord = {
        id: await archiveIdOf(file),
        file: name,
        title: title ?? stemOf(name),
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
      changed.length = 0;
    },
    changes: () => changed,
    close: () => containers.close(),
  };
};
