import type { FileHandle } from "node:fs/promises";
import { readFirst } from "../../disk/regular-files.ts";
import { findZipEnd } from "../zip-end.ts";
import type { Format } from "./types.ts";

/** What a file is: a format that is read, an archive that is not, with the reason, or in words what else it is. */
export type Content =
  | { format: Format }
  | { format: undefined; unreadable: string }
  | { format: undefined; description: string };

/** The beginning that is looked at. A tar's mark is at 257, and a PDF's in the first 1,024 bytes. */
const HEAD_BYTES = 4096;

const TAR_BLOCK = 512;
const PDF = "%PDF-";

/** The first bytes of a format (latin1). */
const signatures: readonly (readonly [bytes: string, format: Format])[] = [
  ["PK\x03\x04", "zip"],
  ["PK\x05\x06", "zip"],
  ["Rar!\x1a\x07\x01\x00", "rar5"],
  ["Rar!\x1a\x07\x00", "rar"],
  ["7z\xbc\xaf\x27\x1c", "7z"],
  ["\x1f\x8b\x08", "gzip"],
  ["\xfd7zXZ\x00", "xz"],
  ["\x28\xb5\x2f\xfd", "zstd"],
  ["BZh", "bzip2"],
];

/** Bytes of other files that are found in libraries (latin1), and where they are. */
const otherMarks: readonly (readonly [at: number, bytes: string, description: string])[] = [
  [0, "\xff\xd8\xff", "a JPEG image"],
  [0, "\x89PNG\r\n", "a PNG image"],
  [0, "GIF8", "a GIF image"],
  [8, "WEBP", "a WebP image"],
  [4, "ftypavif", "an AVIF image"],
  [4, "ftyp", "a video"],
  [0, "\x1aE\xdf\xa3", "a video"],
  [0, "MZ", "a program"],
  [0, "\x7fELF", "a program"],
  [0, "\xd0\xcf\x11\xe0", "an old Office document"],
  [0, "AT&TFORM", "a DjVu document"],
  [60, "BOOKMOBI", "a Mobipocket book"],
];

const texts: readonly (readonly [pattern: RegExp, description: string])[] = [
  [/^\s*(?:<!--.*?-->\s*)?<(?:!doctype html|html|head|body|script)[\s>]/is, "a web page (HTML)"],
  [/^\s*<\?xml/i, "an XML file"],
  [/^\s*[{[]\s*["{[\]}]/, "a JSON file"],
  [/^[^\p{Cc}\ufffd]+$/u, "a text file"],
];

/** What a file is that is no archive, in words for the owner. */
const describe = (head: Buffer): string => {
  if (head.every((byte) => byte === 0)) return "a file of zeros, as a download leaves it that did not end";
  const bytes = head.toString("latin1");
  const marked = otherMarks.find(([at, mark]) => bytes.startsWith(mark, at))?.[2];
  if (marked) return marked;
  const text = head
    .toString("utf8")
    .replace(/^\ufeff/, "")
    .replace(/[\t\r\n]/g, " ");
  return texts.find(([pattern]) => pattern.test(text))?.[1] ?? "a file of an unknown type";
};

/** Whether it is a comic of which only the addresses of the pages are in the file (.cbw). LANraragi fetches them. */
const isWebComic = (head: Buffer): boolean =>
  /^\ufeff?\s*(?:<\?xml[^>]*>\s*)?(?:<!--(?:(?!-->).)*-->\s*)*<WebComic[\s>]/s.test(head.toString("utf8"));

/** Whether it is a stream of LZMA alone: properties, a dictionary of whole 64 KB, a size, and a first byte that is always 0 (lzma.txt). */
const isLzma = (head: Buffer): boolean =>
  head.length > 13 && head.readUIntBE(0, 3) === 0x5d0000 && head[13] === 0;

/** The sum of a tar header's bytes, its own field counted as spaces (POSIX.1-2017, pax, "ustar Interchange Format"). */
const isTar = (head: Buffer): boolean => {
  if (head.length < TAR_BLOCK) return false;
  const written = Number.parseInt(head.toString("latin1", 148, 156), 8);
  let sum = 8 * 0x20;
  for (const [n, byte] of head.subarray(0, TAR_BLOCK).entries()) if (n < 148 || n >= 156) sum += byte;
  return sum === written && head[0] !== 0;
};

const formatOf = (head: Buffer): Format | undefined => {
  const text = head.toString("latin1");
  const found = signatures.find(([bytes]) => text.startsWith(bytes))?.[1];
  if (found) return found;
  if (text.startsWith(PDF)) return "pdf";
  if (isLzma(head)) return "lzma";
  return isTar(head) ? "tar" : undefined;
};

/** Whether a PDF begins after other bytes (ISO 32000-1, annex H, 3.4.1). */
const isLaterPdf = (head: Buffer): boolean => head.toString("latin1", 0, 1024).includes(PDF);

/** Looks at a file's beginning, and at its end for a zip with other bytes before it. @throws the file system's error */
export const contentOf = async (handle: FileHandle, size: number): Promise<Content> => {
  if (size === 0) return { format: undefined, description: "an empty file" };
  const head = await readFirst(handle, Math.min(size, HEAD_BYTES));
  const format = formatOf(head);
  if (format) return { format };
  if (await findZipEnd(handle, size)) return { format: "zip" };
  if (isLaterPdf(head)) return { format: "pdf" };
  if (isWebComic(head)) return { format: undefined, unreadable: "its pages are on other servers" };
  return { format: undefined, description: describe(head) };
};
