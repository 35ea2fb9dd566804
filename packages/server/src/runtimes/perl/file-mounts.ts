import { statSync } from "node:fs";
import { HitagiError } from "@hitagi/contract";
import { holds } from "../../disk/folders.ts";
import type { GrantedFile } from "../granted-files.ts";
import { readOnly } from "../processes/bubblewrap.ts";
import { INSIDE } from "./inside.ts";

/** Folders of the harness: a plugin's file can be neither in them nor around them. */
const RESERVED = [INSIDE.harness, INSIDE.archives, INSIDE.host];

/** Why the sandbox cannot have a path, beside these mounts of its own. */
const whyTaken = (file: string, mounted: readonly string[]): string | undefined => {
  if (RESERVED.some((own) => holds(own, file))) return `the sandbox has files of its own in ${file}`;
  const held = [...RESERVED, INSIDE.temporary, ...mounted].find(
    (own) => holds(file, own) && (own !== file || own === INSIDE.temporary),
  );
  return held && `it holds ${held}, where the sandbox has files of its own`;
};

/** Whether every user may read a file, or read and enter a folder. */
const isReadableByAll = (target: string): boolean => {
  const found = statSync(target);
  const needed = found.isDirectory() ? 0o5 : 0o4;
  return (found.mode & needed) === needed;
};

/**
 * Bubblewrap's options that show a plugin its granted files, at the paths that the owner named.
 * @param mounts the sandbox's own
 * @param ownUser whether the process has a user of its own, who needs a right to read them
 * @throws HitagiError GRANTED_FILE_UNAVAILABLE
 */
export const fileMounts = (
  files: readonly GrantedFile[],
  mounts: readonly string[],
  ownUser: boolean,
): string[] => {
  const mounted = mounts.filter((_, i) => mounts[i - 2] === "--ro-bind");
  return files.flatMap(({ namespace, path, target }) => {
    const refuse = (reason: string) =>
      new HitagiError("GRANTED_FILE_UNAVAILABLE", { namespace, path, reason });
    const taken = whyTaken(path, mounted);
    if (taken) throw refuse(taken);
    if (ownUser && !isReadableByAll(target))
      throw refuse("Perl plugins of a server that is root have a user of their own, who may not read it");
    return readOnly(target, path);
  });
};
