import { isUtf8 } from "node:buffer";
import { type Entry, getFileNameLowLevel } from "yauzl";

/**
 * An entry's name, with `/`. A name without the UTF-8 flag is cp437 by the ZIP specification (APPNOTE 6.3.10,
 * appendix D), but many programs write UTF-8 without the flag, so valid UTF-8 is read as UTF-8.
 */
export const entryName = (entry: Entry): string => {
  const raw = entry.fileNameRaw;
  const flags = isUtf8(raw) ? entry.generalPurposeBitFlag | 0x800 : entry.generalPurposeBitFlag;
  return getFileNameLowLevel(flags, raw, entry.extraFields, false);
};

/** Whether the name is of a file, not of a folder, and does not lead out of the folder where it is unpacked. */
export const isSafeName = (name: string): boolean =>
  name !== "" &&
  !name.endsWith("/") &&
  !name.startsWith("/") &&
  !/^[A-Za-z]:/.test(name) &&
  !name.includes("\0") &&
  !name.split("/").includes("..");

const IMAGE = /\.(jpe?g|png|gif|webp|avif|jxl|bmp)$/i;

/** Whether the entry is a page: an image, and not macOS metadata. */
export const isPage = (name: string): boolean => IMAGE.test(name) && !name.startsWith("__MACOSX/");
