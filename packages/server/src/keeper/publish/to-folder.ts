import type { RegistryIndex } from "@hitagi/contract";
import { makeFolder } from "../../disk/folders.ts";
import { type NewFile, writeRegistryFiles } from "../write-files.ts";
import { publishedFiles, readInRegistry } from "./published-files.ts";

/**
 * Copies a registry into a folder that a web server serves: only what differs, the head last. What is there beside it stays.
 * @returns the files that were copied
 * @throws HitagiError DISK_FULL, STORE_FAILED
 */
export const publishToFolder = async (
  folder: string,
  target: string,
  index: Pick<RegistryIndex, "plugins">,
): Promise<string[]> => {
  await makeFolder(target);
  const changed: NewFile[] = [];
  for (const file of publishedFiles(index)) {
    const [content, there] = await Promise.all([readInRegistry(folder, file), readInRegistry(target, file)]);
    if (content && !there?.equals(content)) changed.push({ file, content });
  }
  await writeRegistryFiles(target, changed);
  return changed.map(({ file }) => file);
};
