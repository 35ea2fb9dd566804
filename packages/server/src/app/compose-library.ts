import path from "node:path";
import type { Config } from "../config/config.ts";
import { type LibraryDeps, type OpenLibrary, openLibrary } from "../library/library.ts";
import { libraryPlace } from "../library/place.ts";

const MEGABYTE = 1024 * 1024;

/** Opens the library that the configuration names. @throws HitagiError CONFIG_INVALID */
export const composeLibrary = (config: Config, deps: LibraryDeps): OpenLibrary =>
  openLibrary(
    {
      place: libraryPlace(config.library, "HITAGI_LIBRARY"),
      key: config.libraryKey,
      cacheFolder: path.join(config.data, "library-cache"),
      maxCacheBytes: config.libraryCache * MEGABYTE,
      linkTargets: config.libraryLinks,
      ignore: config.libraryIgnore,
      maxUploadBytes: config.maxUpload * MEGABYTE,
    },
    deps,
  );
