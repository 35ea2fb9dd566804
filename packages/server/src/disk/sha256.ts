import { createHash } from "node:crypto";
import path from "node:path";
import { readIfThere } from "./files.ts";
import { NotRegularError } from "./regular-files.ts";

/** SHA-256, lowercase hex. */
export const sha256Of = (content: Buffer | string): string =>
  createHash("sha256").update(content).digest("hex");

/** The hash of a regular file below a folder; undefined where there is none. */
export const hashFile = async (folder: string, relative: string): Promise<string | undefined> => {
  try {
    const bytes = await readIfThere(path.join(folder, relative));
    return bytes && sha256Of(bytes);
  } catch (e) {
    if (e instanceof NotRegularError) return undefined;
    throw e;
  }
};
