import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { root } from "./copy-of-checkout.ts";

/**
 * Puts the command `hitagi` of this checkout into a folder.
 * @returns the environment of a user who works there; its server listens on a free port
 */
export const installCommand = async (folder: string): Promise<Record<string, string>> => {
  const program = path.join(root, "packages/server/bin/hitagi.js");
  const bin = path.join(folder, ".bin");
  await mkdir(bin);
  await writeFile(path.join(bin, "hitagi"), `#!/bin/sh\nexec "${process.execPath}" "${program}" "$@"\n`, {
    mode: 0o755,
  });
  return {
    PATH: `${bin}:${process.env.PATH}`,
    HOME: folder,
    TZ: "UTC",
    HITAGI_DATA: path.join(folder, "hitagi"),
    HITAGI_PORT: "0",
    COLUMNS: "110",
  };
};
