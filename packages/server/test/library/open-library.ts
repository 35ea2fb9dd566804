import { mkdir } from "node:fs/promises";
import path from "node:path";
import { onTestFinished } from "vitest";
import { createFolderLibrary, type FolderLibrary, type FolderLibraryDeps } from "../../src/library/folder.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import type { Store } from "../../src/store/types.ts";
import { tempFolder } from "../support/temp-folder.ts";

export const MAX_UPLOAD = 2_000_000;

/** A folder library on a SQLite store, both in a temporary folder. */
export const openLibrary = async (
  scope: Pick<FolderLibraryDeps, "linkTargets" | "ignore"> = {},
): Promise<{ library: FolderLibrary; folder: string; store: Store }> => {
  const root = await tempFolder();
  const folder = path.join(root, "library");
  await mkdir(folder);
  const store = await openSqliteStore(path.join(root, "hitagi.db"));
  onTestFinished(() => store.close());
  const { archives, categories, locks } = store;
  const now = () => Date.now() / 1000;
  const library = createFolderLibrary({
    folder,
    archives,
    categories,
    locks,
    maxUploadBytes: MAX_UPLOAD,
    ...scope,
    now,
  });
  return { library, folder, store };
};
