import { epochSeconds } from "../clock.ts";
import type { Network } from "../net/http-agents.ts";
import type { Store } from "../store/types.ts";
import { createFolderLibrary, type FolderLibrary } from "./folder.ts";
import { createLanraragiLibrary, listArchives } from "./lanraragi/lanraragi.ts";
import { lookForNews, type News } from "./lanraragi/news.ts";
import { createLanraragiServer } from "./lanraragi/server.ts";
import type { LibraryPlace } from "./place.ts";
import type { Library } from "./types.ts";

/** Finds what was added and removed since the last look, and hands it to `take`; see {@link lookForNews}. */
export type Look = (take: (news: News) => Promise<void>, signal: AbortSignal) => Promise<void>;

/** An open library, with the way to find changes that others make. */
export type OpenLibrary = (
  | { kind: "folder"; library: FolderLibrary }
  | { kind: "lanraragi"; library: Library; look: Look }
) & { close(): Promise<void> };

export interface LibraryOptions {
  place: LibraryPlace;
  maxUploadBytes: number;
  /** The API key of a LANraragi server; empty for none. */
  key: string;
  /** Where files of a LANraragi server are cached. */
  cacheFolder: string;
  maxCacheBytes: number;
  /** Folders in which targets of links in a folder may be. */
  linkTargets: readonly string[];
  /** Patterns of names in a folder that are left out. */
  ignore: readonly string[];
}

export interface LibraryDeps {
  store: Pick<Store, "archives" | "categories" | "known" | "locks">;
  network: Network;
}

export const openLibrary = (
  { place, maxUploadBytes, key, cacheFolder, maxCacheBytes, linkTargets, ignore }: LibraryOptions,
  { store, network }: LibraryDeps,
): OpenLibrary => {
  if (place.kind === "folder") {
    const { archives, categories, locks } = store;
    const { folder } = place;
    const library = createFolderLibrary({
      ...{ folder, linkTargets, ignore },
      archives,
      categories,
      locks,
      maxUploadBytes,
      now: epochSeconds,
    });
    return { kind: "folder", library, close: library.close };
  }
  // The proxy setting is for registries, not for the library.
  const server = createLanraragiServer(place.address, key, { ca: network.ca });
  const library = createLanraragiLibrary({ server, folder: cacheFolder, maxCacheBytes, maxUploadBytes });
  const look: Look = (take, signal) =>
    lookForNews(listArchives(server, signal), store.known, server.address, take);
  const close = async (): Promise<void> => {
    await Promise.all([server.close(), library.close()]);
  };
  return { kind: "lanraragi", library, look, close };
};
