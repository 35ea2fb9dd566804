import { realpath } from "node:fs/promises";
import type { RegistryIndex } from "@hitagi/contract";
import { isMissing } from "../../disk/errno.ts";
import { NotRegularError, openBelow } from "../../disk/regular-files.ts";
import { DETAILS_FILE, HEAD_FILE, INDEX_FILE } from "../registry-files.ts";
import { BADGE_FILE } from "./badge.ts";

/** The page for people, which a build writes where keeper.json asks for it. */
export const PAGE_FILE = "index.html";

/** The files that owners' servers read, in the order in which they are published: what names others comes after them. */
export const publishedFiles = (index: Pick<RegistryIndex, "plugins">): string[] => [
  ...new Set(
    Object.values(index.plugins).flatMap(({ versions }) =>
      Object.values(versions).map(({ artifact }) => artifact),
    ),
  ),
  PAGE_FILE,
  BADGE_FILE,
  DETAILS_FILE,
  INDEX_FILE,
  HEAD_FILE,
];

/** The bytes of a regular file in a registry's folder; undefined for anything else. Links are not followed. */
export const readInRegistry = async (folder: string, file: string): Promise<Buffer | undefined> => {
  try {
    const handle = await openBelow(await realpath(folder), file);
    return await handle.readFile().finally(() => handle.close());
  } catch (error) {
    if (error instanceof NotRegularError || isMissing(error)) return undefined;
    throw error;
  }
};
