import type { ErrorCode, HitagiError } from "@hitagi/contract";

/** Hints for the author who runs a plugin file, where the hint of the error is for the owner of a server. */
const hints: Partial<Record<ErrorCode, string>> = {
  PLUGIN_FAILED:
    "If that is the plugin's own message, it tells its user enough. Otherwise correct the line that is shown.",
  PLUGIN_TIMEOUT:
    "Look for a loop without an end, or for a request without a limit: pass `signal: ctx.signal` to fetch, and limit the number of tries.",
  PLUGIN_CRASHED:
    "Look for a loop that gathers without an end: a plugin has 256 MB, and its process ends with more.",
  PLUGIN_FOLDER_FULL: "Write less into the temporary folder, or remove what is no longer needed.",
  LOAD_FAILED: "Correct the line that is shown.",
  LOAD_CHECK_FAILED:
    "Look for work outside of the entry point: a file has 20 s to load. Start the work in the entry point.",
  MANIFEST_INVALID: "Correct the fields of the default export. docs/guide-authors.md lists them.",
  PACKAGE_MISMATCH: "Correct the package line of the file.",
  ARTIFACT_NAME_INVALID:
    "Rename the file: letters, digits, `-` and `_`, and the ending .ts, .js, .mjs or .pm.",
  RUNTIME_UNAVAILABLE:
    "A plugin in Perl (.pm) needs perl and Mojolicious on this machine: in Debian the package libmojolicious-perl.",
  SETTING_UNKNOWN: "Declare it in `parameters` of the manifest, or leave it out.",
  SETTING_INVALID: "Give a value of the type that `parameters` of the manifest names.",
  CAPABILITY_DENIED: "Ask for the right in `permissions`, or do without it.",
  CAPABILITY_LIMIT: "Do less at once. docs/guide-authors.md lists the limits.",
  CAPABILITY_INVALID: "Correct the arguments. docs/guide-authors.md lists those of each call.",
  CAPABILITY_FAILED: "Run it again. If it fails again, this is a bug in Hitagi. Please report it.",
  FILE_NOT_READ: "Check the path, and that the file is among those that the run was given.",
  ARCHIVE_TYPE_UNSUPPORTED:
    "Name a .cbz, .cbr, .cb7, .cbt, .zip, .rar, .7z, .tar, .tar.gz, .pdf or .epub file.",
  ARCHIVE_UNREADABLE: "Run it on a .cbz file: this machine does not read the other one.",
  REQUEST_FAILED: "Catch the error where the plugin can go on without this answer.",
};

/** What the author of a plugin can do about an error of its file. */
export const authorHintOf = ({ code, hint }: Pick<HitagiError, "code" | "hint">): string =>
  hints[code] ?? hint;
