import path from "node:path";
import type { RenamedFile } from "@hitagi/contract";

/** Most file systems take 255 bytes; some room is left for ` (2)`. */
const MAX_BYTES = 240;

/** Names that Windows keeps for devices, with any extension. */
const RESERVED = /^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)/i;

/** The extensions of archives that are taken in, as LANraragi has them, in small letters with the dot. */
export const archiveExtensions: readonly string[] = [
  ...[".zip", ".cbz", ".rar", ".cbr", ".7z", ".cb7", ".tar", ".cbt", ".pdf", ".epub"],
  ...[".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".tar.zst", ".xz", ".zst", ".lzma", ".cbw"],
];

/** The extension of an archive, as it is written; empty if the name is that of none. */
const archiveExtension = (name: string): string => {
  const lower = name.toLowerCase();
  const found = archiveExtensions.find((extension) => lower.endsWith(extension));
  return found === undefined ? "" : name.slice(-found.length);
};

/** Whether the name is that of an archive. What is in it decides its content alone. */
export const isArchiveName = (name: string): boolean => {
  const { length } = archiveExtension(name);
  return length > 0 && length < name.length;
};

/** Whether the name is that of a zip, which every server can read. */
export const isZipName = (name: string): boolean => /\.(zip|cbz)$/i.test(name);

/** A name without its extension, and that extension. */
const splitName = (name: string): { stem: string; ext: string } => {
  const ext = archiveExtension(name) || path.extname(name);
  return { stem: name.slice(0, name.length - ext.length), ext };
};

/** The name without its folders and its extension, as it becomes a title. */
export const stemOf = (file: string): string => splitName(path.posix.basename(file)).stem;

/** A path of Windows, in which backslashes separate folders; elsewhere they are part of a name. */
const WINDOWS_PATH = /^(?:[a-z]:[/\\]|\\\\|\.{1,2}\\)/i;

/** The name without its folders. */
const lastName = (name: string): string => name.split(WINDOWS_PATH.test(name) ? /[/\\]/ : "/").at(-1) ?? "";

/**
 * A name that is safe in one folder of any file system, as close to the given one as can be: folders, control
 * characters, what Windows forbids, and dots and spaces at the ends go; letters of any script stay. A name of which nothing
 * else stays is `archive` with its extension.
 */
export const safeFilename = (name: string): string => {
  const clean = lastName(name)
    .replaceAll("\\", "_")
    .normalize("NFC")
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is removed
    .replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069<>:"|?*\ufffd]/g, "")
    .replace(/\p{Surrogate}/gu, "");
  const { stem, ext } = splitName(clean);
  // The lookbehind prevents quadratic time on long runs that are not at the end.
  const trimmed = stem.replace(/^[.\s]+|(?<![.\s])[.\s]+$/g, "");
  const free = trimmed === "" ? "archive" : RESERVED.test(trimmed) ? `_${trimmed}` : trimmed;
  return cut(free, MAX_BYTES - Buffer.byteLength(ext)) + ext.trimEnd();
};

/** The nth name to try: `a.zip`, `a (2).zip`, `a (3).zip`. */
export const numberedName = (name: string, n: number): string => {
  if (n === 1) return name;
  const { stem, ext } = splitName(name);
  return `${stem} (${n})${ext}`;
};

/**
 * Why the file of an upload has another name than the one that was sent; undefined where it has not, but for the composition of characters.
 * @param stored the file's name in the library
 */
export const whyRenamed = (sent: string, stored: string): RenamedFile | undefined => {
  const from = lastName(sent);
  const safe = safeFilename(sent);
  if (from.normalize("NFC") === stored) return undefined;
  if (from.normalize("NFC") === safe)
    return { from, code: "taken", text: "the library has a file of that name" };
  return { from, code: "unsafe", text: "not every system allows a file of that name" };
};

/** The longest prefix of whole characters with at most so many bytes. */
const cut = (text: string, bytes: number): string => {
  let out = "";
  let used = 0;
  for (const character of text) {
    used += Buffer.byteLength(character);
    if (used > bytes) break;
    out += character;
  }
  return out.trimEnd();
};
