import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

const folders = new Set();

const removeAtExit = () => {
  process.on("exit", () => {
    // A program that was just ended may still be writing.
    for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });
  process.once("SIGINT", () => process.exit(130));
  process.once("SIGTERM", () => process.exit(143));
};

/**
 * Makes a folder that is removed when this process ends, also when it is interrupted.
 * @param prefix the first part of its name
 * @param parent where it lies
 */
export const ownFolder = (prefix, parent = tmpdir()) => {
  if (folders.size === 0) removeAtExit();
  const folder = mkdtempSync(path.join(parent, prefix));
  folders.add(folder);
  return folder;
};
