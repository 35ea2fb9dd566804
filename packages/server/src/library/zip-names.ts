import { isUtf8 } from "node:buffer";
import { type Entry, getFileNameLowLevel } from "yauzl";
import { decodeAs } from "./decode-as.ts";
import { encodingOfNames } from "./encoding-detection.ts";

/** Info-ZIP's Unicode Path field (APPNOTE 6.3.10 §4.6.9), which yauzl uses where its checksum fits. */
const UNICODE_PATH = 0x7075;
const UTF8_FLAG = 0x800;

/** Whether an entry's name needs no guess: flagged and valid UTF-8, with a Unicode Path field, or valid UTF-8 without a flag, as many programs write it. */
const isUnicode = ({ fileNameRaw, extraFields }: Entry): boolean =>
  isUtf8(fileNameRaw) || extraFields.some(({ id }) => id === UNICODE_PATH);

const unicodeName = ({ fileNameRaw, extraFields }: Entry): string =>
  getFileNameLowLevel(isUtf8(fileNameRaw) ? UTF8_FLAG : 0, fileNameRaw, extraFields, false);

/**
 * What tells the name of one of a zip's entries, with `/`. A name without the UTF-8 flag is cp437 by the ZIP specification
 * (APPNOTE 6.3.10, appendix D), but programs write the encoding of their system: the encoding of all such names together is detected.
 */
export const detectEntryNames = async (entries: readonly Entry[]): Promise<(entry: Entry) => string> => {
  const legacy = entries.filter((entry) => !isUnicode(entry)).map(({ fileNameRaw }) => fileNameRaw);
  const encoding = legacy.length > 0 ? await encodingOfNames(legacy) : undefined;
  return (entry) => {
    const decoded =
      encoding === undefined || isUnicode(entry) ? undefined : decodeAs(entry.fileNameRaw, encoding);
    // A backslash is one only after the decoding: in Shift-JIS its byte is part of characters.
    return decoded?.replaceAll("\\", "/") ?? unicodeName(entry);
  };
};

/** Whether the name is of a file, not of a folder, and does not lead out of the folder where it is unpacked. */
export const isSafeName = (name: string): boolean =>
  name !== "" &&
  !name.endsWith("/") &&
  !name.startsWith("/") &&
  !/^[A-Za-z]:/.test(name) &&
  !name.includes("\0") &&
  !/(?:^|\/)\.\.(?:\/|$)/.test(name);

/** Whether the name is of what systems leave behind: macOS' folder and hidden files, and the thumbnails of Windows. */
export const isJunk = (name: string): boolean =>
  /^__MACOSX(?:\/|$)/.test(name) || /(?:^|\/)\.[^./]/.test(name) || /(?:^|\/)thumbs\.db$/i.test(name);

const IMAGE = /\.(jpe?g|png|gif|webp|avif|jxl|bmp)$/i;

/** Whether the entry is a page: an image that no system left behind. */
export const isPage = (name: string): boolean => IMAGE.test(name) && !isJunk(name);
