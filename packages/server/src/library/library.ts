import path from "node:path";
import { epochSeconds } from "../clock.ts";
import type { Config } from "../config/config.ts";
import type { Network } from "../net/http-agents.ts";
import type { Store } from "../store/types.ts";
import { createFolderLibrary, type FolderLibrary } from "./folder.ts";
import { createLanraragiLibrary, listArchives } from "./lanraragi/lanraragi.ts";
import { lookForNews, type News } from "./lanraragi/news.ts";
import { createLanraragiServer } from "./lanraragi/server.ts";
import { libraryPlace } from "./place.ts";
import type { Library } from "./types.ts";

/** Looks what came and went since the last time, and hands it to `take`; see {@link lookForNews}. */
export type Look = (take: (news: News) => Promise<void>, signal: AbortSignal) => Promise<void>;

/** An open library, with the way in which what others change in it is found out. */
export type OpenLibrary = (
  | { kind: "folder"; library: FolderLibrary }
  | { kind: "lanraragi"; library: Library; look: Look }
) & { close(): Promise<void> };

export interface LibraryDeps {
  store: Pick<Store, "archives" | "known" | "locks">;
  network: Network;
}

type Kind = OpenLibrary["kind"];
type Place<K extends Kind> = Extract<ReturnType<typeof libraryPlace>, { kind: K }>;
type Opened<K extends Kind> = Extract<OpenLibrary, { kind: K }>;

const MEGABYTE = 1024 * 1024;

const openFolder = (
  { folder }: Place<"folder">,
  config: Config,
  { store }: LibraryDeps,
): Opened<"folder"> => ({
  kind: "folder",
  library: createFolderLibrary({
    folder,
    archives: store.archives,
    locks: store.locks,
    maxUploadBytes: config.maxUpload * MEGABYTE,
    now: epochSeconds,
  }),
  close: async () => {},
});

const openLanraragi = (
  { address }: Place<"lanraragi">,
  config: Config,
  { store, network }: LibraryDeps,
): Opened<"lanraragi"> => {
  // The proxy is for registries: the library is a neighbour.
  const server = createLanraragiServer(address, config.libraryKey, { ca: network.ca });
  const library = createLanraragiLibrary({
    server,
    folder: path.join(config.data, "library-cache"),
    maxCacheBytes: config.libraryCache * MEGABYTE,
    maxUploadBytes: config.maxUpload * MEGABYTE,
  });
  const look: Look = (take, signal) =>
    lookForNews({ list: () => listArchives(server, signal), known: store.known, name: server.address }, take);
  return { kind: "lanraragi", library, look, close: server.close };
};

/** The drivers by the kind of place that the configuration names. */
const drivers: { [K in Kind]: (place: Place<K>, config: Config, deps: LibraryDeps) => Opened<K> } = {
  folder: openFolder,
  lanraragi: openLanraragi,
};

/** Opens the library that the configuration names. @throws HitagiError CONFIG_INVALID */
export const openLibrary = (config: Config, deps: LibraryDeps): OpenLibrary => {
  const place = libraryPlace(config.library, "HITAGI_LIBRARY");
  return place.kind === "folder"
    ? drivers.folder(place, config, deps)
    : drivers.lanraragi(place, config, deps);
};
