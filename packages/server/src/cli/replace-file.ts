import { readFile } from "node:fs/promises";
import { codeOf } from "../disk/errno.ts";
import { confirm } from "./confirm.ts";
import type { Io } from "./io.ts";

/** The text of a file; undefined if there is none. @throws the file system's error */
export const existingText = (file: string): Promise<string | undefined> =>
  readFile(file, "utf8").catch((error: unknown) => {
    if (["ENOENT", "ENOTDIR"].includes(codeOf(error) ?? "")) return undefined;
    throw error;
  });

interface Replacement {
  /** The file as the user named it. */
  shown: string;
  /** What may be replaced, such as `a plugin with the namespace echo`. */
  kind: string;
  /** Whether the file with this text is such a one. */
  isOwn(text: string): boolean;
}

/**
 * Asks before an output replaces a file that has something else: nothing brings that file back.
 * @throws CommandFailed if the answer is not yes, or --yes is missing
 */
export const agreeToReplace = async (
  io: Io,
  file: string,
  { shown, kind, isOwn }: Replacement,
  options: { yes?: boolean },
): Promise<void> => {
  const text = await existingText(file);
  if (text === undefined || isOwn(text)) return;
  const what = `${shown} exists, and is not ${kind}.`;
  await confirm(io, { what, ask: "Replace it?", does: "replace it" }, options);
};
