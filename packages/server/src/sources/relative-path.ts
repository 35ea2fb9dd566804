import { HitagiError } from "@hitagi/contract";

/** `https:`, `file:`, and a Windows drive too (RFC 3986 §3.1). */
const SCHEME = /^[a-z][a-z0-9+.-]*:/i;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const CONTROL = /[\u0000-\u001f\u007f]/;

/** More characters than any real path has. It also limits nested percent-encoding. */
const MAX_LENGTH = 1024;

/** Nearly every path matches this fast check; an index has tens of thousands. */
const PLAIN_PATH = /^[\w+-][\w.+-]*(?:\/[\w+-][\w.+-]*)*$/;

const decoded = (file: string): string =>
  file.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));

/**
 * Validates the path of a file inside a registry's folder. LANraragi refuses null bytes and the segments `.` and `..`;
 * this refuses other ways out of the folder too, also those of a server that decodes a path twice.
 * @returns the problem in words, or undefined
 */
export const relativePathProblem = (file: string): string | undefined => {
  if (file === "") return "is empty";
  if (file.length > MAX_LENGTH) return `is longer than ${MAX_LENGTH} characters`;
  if (PLAIN_PATH.test(file)) return undefined;
  if (CONTROL.test(file)) return "has a control character";
  if (/\p{Surrogate}/u.test(file)) return "is not valid Unicode";
  if (file.includes("\\")) return "has a backslash";
  if (file.startsWith("/")) return "is an absolute path";
  // URL parsers ignore spaces around an address (WHATWG URL §4.4).
  if (file.trim() !== file) return "begins or ends with a space";
  if (SCHEME.test(file)) return "is an address or begins with a drive";
  for (const segment of file.split("/")) {
    if (segment === "") return "has an empty segment";
    if (segment === "." || segment === "..") return `has a segment ${segment}`;
  }
  const plain = decoded(file);
  const hidesProblem = plain !== file && relativePathProblem(plain) !== undefined;
  return hidesProblem ? "hides by percent-encoding that it is not a plain path" : undefined;
};

/** The segments of a file's path in a registry's folder. @throws HitagiError SOURCE_PATH_ESCAPES */
export const safeSegments = (file: string): string[] => {
  if (relativePathProblem(file) !== undefined) throw new HitagiError("SOURCE_PATH_ESCAPES", { path: file });
  return file.split("/");
};
