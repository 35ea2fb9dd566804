import { HitagiError, isHitagiError } from "@hitagi/contract";
import { LRUCache } from "lru-cache";
import { identityOf } from "../disk/regular-files.ts";
import { type ArchiveFile, openArchiveFile } from "./archive-file.ts";
import { archiveIdOf } from "./archive-id.ts";
import type { Containers } from "./containers/types.ts";
import { isPage } from "./zip-names.ts";

/** What a file is for the library. */
export interface Inspected {
  /** LANraragi's id. */
  id: string;
  /** 0 where it cannot be read here. */
  pages: number;
  /** Why this server cannot read it. */
  unreadable?: string;
}

/** Inspects files, and keeps the results of unchanged ones, also of those that are refused at each scan. */
export interface Inspector {
  /** @throws HitagiError ARCHIVE_BROKEN for a file that is damaged, or no archive; NotRegularError, the file system's error */
  inspect(file: ArchiveFile): Promise<Inspected>;
}

const MAX_KEPT = 10_000;
/** Milliseconds after which a file is read again: a limit of time may have ended its reading. */
const KEPT_MS = 3_600_000;

/**
 * Counts an archive's pages.
 * @throws HitagiError ARCHIVE_BROKEN
 */
export const countPages = async (
  containers: Containers,
  file: ArchiveFile,
): Promise<Omit<Inspected, "id">> => {
  try {
    const pages = (await containers.entries(file)).filter(({ name }) => isPage(name));
    if (pages.length > 0 && pages.every(({ encrypted }) => encrypted))
      throw new HitagiError("ARCHIVE_UNREADABLE", { reason: "it is encrypted" });
    return { pages: pages.length };
  } catch (error) {
    if (isHitagiError(error, "ARCHIVE_UNREADABLE")) return { pages: 0, unreadable: error.message };
    throw error;
  }
};

const currentIdentity = async (file: ArchiveFile): Promise<string> => {
  const handle = await openArchiveFile(file);
  try {
    return identityOf(await handle.stat({ bigint: true }));
  } finally {
    await handle.close();
  }
};

export const createInspector = (containers: Containers): Inspector => {
  const kept = new LRUCache<string, Promise<Inspected>>({ max: MAX_KEPT, ttl: KEPT_MS });
  const inspect = async (file: ArchiveFile): Promise<Inspected> => {
    const counted = await countPages(containers, file);
    return { id: await archiveIdOf(file), ...counted };
  };
  return {
    inspect: async (file) => {
      const identity = await currentIdentity(file);
      const known = kept.get(identity);
      if (known) return known;
      const inspecting = inspect(file);
      kept.set(identity, inspecting);
      inspecting.catch((error: unknown) => {
        if (!isHitagiError(error, "ARCHIVE_BROKEN")) kept.delete(identity);
      });
      return inspecting;
    },
  };
};
