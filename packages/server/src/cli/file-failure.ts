import { isHitagiError } from "@hitagi/contract";
import { codeOf, isDiskFull } from "../disk/errno.ts";
import { withoutPart } from "../disk/write-whole.ts";

/** What an error says about a path, and what a person can do, by its code. */
const reasons: Readonly<Record<string, readonly [reason: string, hint: string]>> = {
  ENOENT: [
    "it, or the folder that it is in, does not exist",
    "Check the path. Make its folder first if it is missing.",
  ],
  ENOTDIR: ["a part of the path is a file, not a folder", "Check the path."],
  LINK_BELOW: [
    "it, or a folder on its way, is a link, or of another kind",
    "Nothing was changed where it leads to. Look at it and remove it, then run the command again.",
  ],
  EISDIR: ["it is a folder, not a file", "Name a file."],
  EEXIST: ["it exists already", "Choose another name, or remove it first."],
  EACCES: [
    "this user may not",
    "Check the rights of the file and its folder, or run the command as another user.",
  ],
  EPERM: [
    "this user may not",
    "Check the rights of the file and its folder, or run the command as another user.",
  ],
  EROFS: ["the file system is read-only", "Choose a path on another one."],
  ENOSPC: ["the disk is full", "Free some space, then try again."],
  EDQUOT: ["the disk is full", "Free some space, then try again."],
  ENAMETOOLONG: ["its name is too long", "Choose a shorter name."],
  EMFILE: ["too many files are open", "Raise the limit of open files (`ulimit -n`)."],
};

const pathOf = (error: unknown): string | undefined => {
  const { path } = Object(error) as { path?: unknown };
  return typeof path === "string" ? withoutPart(path) : undefined;
};

/** The error of the operating system. A failure of the store tells no path; in a command the files are those of the person. */
const systemError = (error: unknown): unknown => (isHitagiError(error, "STORE_FAILED") ? error.cause : error);

/** A failure with a path that a person named, or a full disk, which is no fault of the program; undefined for any other error. */
export const fileFailure = (told: unknown): { message: string; hint: string } | undefined => {
  const error = systemError(told);
  const [path, code] = [pathOf(error), codeOf(error)];
  const known = code === undefined ? undefined : reasons[code];
  if (known === undefined) return undefined;
  const [reason, hint] = known;
  // A write to an open file names no path.
  if (path === undefined)
    return isDiskFull(error) ? { message: `A file was not written: ${reason}.`, hint } : undefined;
  return { message: `${path} cannot be used: ${reason}.`, hint };
};
