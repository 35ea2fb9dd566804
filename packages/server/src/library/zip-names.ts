import { isUtf8 } from "node:buffer";
import { type Entry, getFileNameLowLevel } from "yauzl";

/**
 * An entry's name, with `/`. A name without the UTF-8 flag is cp437 by the ZIP specification (APPNOTE 6.3.10,
 * appendix D), yet many programs write UTF-8 there without saying so: bytes that are valid UTF-8 are read as it.
 */
export const entryName = (entry: Entry): string => {
  const raw = entry.fileNameRaw;
  const flags = isUtf8(raw) ? entry.generalPurposeBitFlag | 0x800 : entry.generalPurposeBitFlag;
  return getFileNameLowLevel(flags, raw, entry.extraFields, false);
};

/** Whether the name is that of a file inside the archive: not a folder, and no way out of where it is unpacked. */
export const isSafeName = (name: string): boolean =>
  name !== "" &&
  !name.endsWith("/") &&
  !name.startsWith("/") &&
  !/^[A-Za-z]:/.test(name) &&
  !name.includes("\0") &&
  !name.split("/").includes("..");

const IMAGE = /\.(jpe?g|png|gif|webp|avif|jxl|bmp)$/i;

/** Whether the entry is a page: an image, and not the shadow of one that macOS adds. */
export const isPage = (name: string): boolean => IMAGE.test(name) && !name.startsWith("__MACOSX/");
