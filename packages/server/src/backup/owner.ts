import { lchown, readdir, stat } from "node:fs/promises";
import path from "node:path";
import { ifThere } from "../disk/errors.ts";

/**
 * Gives all that lies below a folder to the owner of another one: who restores is often root, and the server is not.
 * Nothing happens for anybody else, who can give nothing away.
 */
export const giveTo = async (owner: string, folder: string): Promise<void> => {
  if (process.getuid?.() !== 0) return;
  const { uid, gid } = await stat(owner);
  if (uid === 0) return;
  for (const name of (await ifThere(readdir(folder, { recursive: true }))) ?? [])
    await lchown(path.join(folder, name), uid, gid);
};
