import { mkdir, stat } from "node:fs/promises";
import path from "node:path";

const codeOf = (e: unknown): string | undefined => (e as NodeJS.ErrnoException).code;

const isFolder = (place: string): Promise<boolean> =>
  stat(place).then(
    (found) => found.isDirectory(),
    () => false,
  );

/**
 * Makes a folder and those above it, where they are missing. Node's own `recursive` never ends where a folder is there
 * and yet says of what is to be made in it that it is not, as a dead mount or /proc does.
 * @throws the file system's error
 */
export const makeFolder = async (folder: string, mode?: number): Promise<void> => {
  const missing = await tryMake(folder, mode);
  if (missing === undefined) return;
  const parent = path.dirname(folder);
  if (parent === folder) throw missing;
  await makeFolder(parent, mode);
  // The parent is there now, whoever made it; so what is still missing will not come.
  const still = await tryMake(folder, mode);
  if (still !== undefined) throw still;
};

/** Answers the error that says that the parent is missing; undefined where the folder is there. */
const tryMake = async (folder: string, mode: number | undefined): Promise<unknown> => {
  try {
    await mkdir(folder, mode);
  } catch (e) {
    if (codeOf(e) === "ENOENT") return e;
    if (codeOf(e) !== "EEXIST" || !(await isFolder(folder))) throw e;
  }
  return undefined;
};
