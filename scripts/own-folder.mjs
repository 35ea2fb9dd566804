import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

/**
 * Makes a folder that is removed when this process ends, also when it is interrupted.
 * @param prefix the first part of its name
 * @param parent where it lies
 */
export const ownFolder = (prefix, parent = tmpdir()) => {
  const folder = mkdtempSync(path.join(parent, prefix));
  // What was just killed may still be writing.
  process.on("exit", () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  process.once("SIGINT", () => process.exit(130));
  process.once("SIGTERM", () => process.exit(143));
  return folder;
};
