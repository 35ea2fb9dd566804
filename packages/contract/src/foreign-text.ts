import { errorTable } from "./errors.ts";
import type { ErrorCode, ErrorParams } from "./hitagi-error.ts";
import { cleanLine } from "./text.ts";

/** The parameters of messages that a plugin, a registry, a site, an archive, a backup or a lock file may have written. */
const FOREIGN: { readonly [C in ErrorCode]?: readonly (keyof ErrorParams<C>)[] } = {
  SOURCE_UNREACHABLE: ["reason"],
  SOURCE_STATUS: ["path"],
  SOURCE_CREDENTIAL_NEEDED: ["path"],
  SOURCE_CREDENTIAL_REFUSED: ["path"],
  SOURCE_REDIRECT: ["reason"],
  SOURCE_WEB_PAGE: ["path"],
  SOURCE_LOGIN_PAGE: ["host", "path"],
  SOURCE_CAPTIVE_PORTAL: ["host", "path"],
  SOURCE_TIMEOUT: ["path"],
  SOURCE_TOO_LARGE: ["path"],
  SOURCE_FILE_MISSING: ["path"],
  SOURCE_PATH_ESCAPES: ["path"],
  INDEX_INVALID: ["path", "reason"],
  ARTIFACT_NAME_INVALID: ["file"],
  PACKAGE_MISMATCH: ["actual"],
  MANIFEST_MISMATCH: ["actual", "expected"],
  MANIFEST_INVALID: ["path", "reason"],
  VERSION_WITHDRAWN: ["reason"],
  VERSION_YANKED: ["reason"],
  VERSION_DANGEROUS: ["reason"],
  PLUGIN_YANKED: ["reason"],
  NO_UPDATE_QUARANTINED: ["reason"],
  NO_UPDATE_YANKED: ["reason"],
  NOTHING_SAFE_TO_ROLL_BACK: ["reasons"],
  REQUIREMENT_NOT_NEWEST: ["reason"],
  LOAD_FAILED: ["reason"],
  LOAD_CHECK_FAILED: ["reason"],
  PLUGIN_FILE_REFUSED: ["file", "reason"],
  PLUGIN_FAILED: ["reason"],
  PLUGIN_FOLDER_FULL: ["reason"],
  PLUGIN_CRASHED: ["reason"],
  PLUGIN_CALLS_CRASHED: ["reason"],
  PLUGIN_QUARANTINED: ["reason"],
  PLUGIN_BROKEN: ["reason"],
  PLUGIN_LIMITED: ["reason"],
  LOGIN_FAILED: ["reason"],
  CAPABILITY_DENIED: ["action"],
  CAPABILITY_INVALID: ["reason"],
  REQUEST_FAILED: ["host", "reason"],
  ARCHIVE_TYPE_UNSUPPORTED: ["filename"],
  ARCHIVE_BROKEN: ["reason"],
  ENTRY_NOT_FOUND: ["name"],
  ENTRY_TOO_LARGE: ["name"],
  ENTRY_NOT_TEXT: ["name"],
  BLOCK_LIST_INVALID: ["reason"],
  LIBRARY_ANSWER: ["reason"],
  LIBRARY_UPLOAD_TOO_LARGE: ["filename"],
  BACKUP_INVALID: ["reason"],
  LOCK_KEY_DIFFERS: ["name"],
  HEAD_BELOW_LOCK: ["name"],
};

/** A text of another party on one line in quotation marks, so that it cannot pass for a sentence of this program. */
export const quoteText = (text: string): string => JSON.stringify(cleanLine(text).trim());

/**
 * The message of an error with the parts in quotation marks that another party may have written. A message that is not
 * of its code's form is quoted whole.
 * @param code of a server, which may be of another version
 */
export const quoteForeign = (code: string | undefined, message: string): string => {
  if (code === undefined || !Object.hasOwn(FOREIGN, code)) return message;
  const foreign: readonly string[] = FOREIGN[code as ErrorCode] ?? [];
  // Texts of the template at even places, and names of parameters between them.
  const [start = "", ...parts] = errorTable[code as ErrorCode][1].split(/\{(\w+)\}/);
  if (!message.startsWith(start)) return quoteText(message);
  let quoted = start;
  let at = start.length;
  for (let n = 0; n < parts.length; n += 2) {
    const [name = "", after = ""] = parts.slice(n, n + 2);
    const isLast = n + 2 === parts.length;
    const end = isLast ? message.length - after.length : message.indexOf(after, at);
    if (end < at || !message.startsWith(after, end)) return quoteText(message);
    const value = message.slice(at, end);
    quoted += (foreign.includes(name) ? quoteText(value) : value) + after;
    at = end + after.length;
  }
  return quoted;
};
