import { readdir, rename } from "node:fs/promises";
import path from "node:path";
import { HitagiError } from "@hitagi/contract";
import { isLockFile } from "../data-folder/locks.ts";
import { isMissing } from "../disk/errno.ts";

/** What is in a folder, by names; undefined where there is no folder of that name. */
const inFolder = (folder: string): Promise<string[] | undefined> =>
  readdir(folder).catch((e: unknown) => {
    if (isMissing(e)) return undefined;
    throw e;
  });

/**
 * Refuses to bring a name in where a folder stands that is not set aside, because it is the place of another part now. One with
 * nothing but the locks in it that the claim on these places made is not in the way.
 * @param incoming names to bring into the folder
 * @param outgoing those that are set aside before
 * @throws HitagiError RESTORE_OTHER_PLACES
 */
export const refuseMixing = async (
  folder: string,
  incoming: readonly string[],
  outgoing: readonly string[],
): Promise<void> => {
  for (const name of incoming.filter((one) => !outgoing.includes(one))) {
    const standing = await inFolder(path.join(folder, name));
    if (standing?.some((one) => !isLockFile(one))) throw new HitagiError("RESTORE_OTHER_PLACES", { name });
  }
};

/** Moves something to its place. Where a folder stands there that holds nothing but locks, what is in the other goes into it. */
export const moveIntoPlace = async (source: string, place: string): Promise<void> => {
  const [incoming, standing] = [await inFolder(source), await inFolder(place)];
  if (incoming === undefined || standing === undefined) return rename(source, place);
  for (const name of incoming.filter((one) => !isLockFile(one)))
    await rename(path.join(source, name), path.join(place, name));
};
