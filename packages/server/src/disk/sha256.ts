import { createHash } from "node:crypto";
import path from "node:path";
import { readPluginFile } from "./files.ts";
import { NotRegularError } from "./regular-files.ts";

/** SHA-256, lowercase hex. */
export const sha256Of = (content: Buffer | string): string =>
  createHash("sha256").update(content).digest("hex");

/**
 * The hash of a plugin's file below a folder; undefined if there is no regular file. Only the beginning of a file is hashed if it is larger
 * than a plugin may be: no plugin has that hash.
 * @throws the file system's error
 */
export const hashFile = async (folder: string, relative: string): Promise<string | undefined> => {
  try {
    const bytes = await readPluginFile(path.join(folder, relative));
    return bytes && sha256Of(bytes);
  } catch (e) {
    if (e instanceof NotRegularError) return undefined;
    throw e;
  }
};
