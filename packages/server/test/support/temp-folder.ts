import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { onTestFinished } from "vitest";

/** A new empty folder that is removed when the test ends. */
export const tempFolder = async (): Promise<string> => {
  const folder = await mkdtemp(path.join(tmpdir(), "hitagi-test-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
};
