import path from "node:path";

/** Most file systems take 255 bytes; some room is left for ` (2)`. */
const MAX_BYTES = 240;

/** Names that Windows keeps for devices, with any extension. */
const RESERVED = /^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)/i;

/** The extensions of archives that can be read, in small letters with the dot. */
export const archiveExtensions: readonly string[] = [".zip", ".cbz"];

/** Whether the name is that of an archive that can be read. */
export const isArchiveName = (name: string): boolean =>
  archiveExtensions.includes(path.extname(name).toLowerCase());

/**
 * A name that is safe in one folder of any file system, as close to the given one as can be: folders, control
 * characters, what Windows forbids, and dots and spaces at the ends go; letters of any script stay.
 */
export const safeFilename = (name: string): string => {
  const last = name.split(/[/\\]/).at(-1) ?? "";
  const clean = last
    .normalize("NFC")
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is removed
    .replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069<>:"|?*\ufffd]/g, "")
    .replace(/\p{Surrogate}/gu, "");
  const { name: stem, ext } = path.parse(clean);
  // The lookbehind prevents quadratic time on long runs that are not at the end.
  const trimmed = stem.replace(/^[.\s]+|(?<![.\s])[.\s]+$/g, "");
  const free = trimmed === "" ? "archive" : RESERVED.test(trimmed) ? `_${trimmed}` : trimmed;
  return cut(free, MAX_BYTES - Buffer.byteLength(ext)) + ext.trimEnd();
};

/** The nth name to try: `a.zip`, `a (2).zip`, `a (3).zip`. */
export const numberedName = (name: string, n: number): string => {
  if (n === 1) return name;
  const { name: stem, ext } = path.parse(name);
  return `${stem} (${n})${ext}`;
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
