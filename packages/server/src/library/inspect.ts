import { isHitagiError } from "@hitagi/contract";
import type { ArchiveFile } from "./archive-file.ts";
import type { Containers } from "./containers/types.ts";
import { isPage } from "./zip-names.ts";

/**
 * Counts an archive's pages: 0 for an archive that cannot be read here.
 * @throws HitagiError ARCHIVE_BROKEN for a file that is damaged, or no archive
 */
export const countPages = async (containers: Containers, file: ArchiveFile): Promise<number> => {
  try {
    return (await containers.entries(file)).filter(({ name }) => isPage(name)).length;
  } catch (error) {
    if (isHitagiError(error, "ARCHIVE_UNREADABLE")) return 0;
    throw error;
  }
};
