import { realpath } from "node:fs/promises";
import path from "node:path";
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

const TEXT = "text/plain; charset=utf-8";
const JAVASCRIPT = "text/javascript; charset=utf-8";

/** By the ending. A source in TypeScript has no media type of its own: servers take it for a video. */
const CONTENT_TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  ".js": JAVASCRIPT,
  ".mjs": JAVASCRIPT,
  ".ts": TEXT,
  ".pm": TEXT,
  ".head": TEXT,
};

/** The media type of a published file, by its name. */
export const contentTypeOf = (file: string): string =>
  CONTENT_TYPES[path.posix.extname(file).toLowerCase()] ?? "application/octet-stream";

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
