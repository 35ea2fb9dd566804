import { rm, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Artifacts } from "../artifacts/types.ts";
import { makeFolder } from "../disk/folders.ts";
import { hashFile } from "../disk/sha256.ts";
import { isInstallPath } from "../install/steps/install-target.ts";
import type { PluginRecord, Provenance } from "../store/types.ts";

/** Puts other bytes under a name. The name goes first, because it may be one of two of the server's own file. */
const replace = async (file: string, bytes: Buffer): Promise<void> => {
  await rm(file, { force: true });
  await makeFolder(path.dirname(file));
  await writeFile(file, bytes, { flag: "wx", flush: true });
};

interface Gathered {
  /** The folder of the plugins. */
  folder: string;
  /** The versions that they may be of. */
  artifacts: Artifacts;
}

type Recorded = Pick<PluginRecord, "provenance">;

/** Answers nothing where the file is as its record says, or was made so; else what it is instead. */
const settleFile = async (
  { folder, artifacts }: Gathered,
  { path: at, sha256 }: Provenance,
): Promise<string | undefined> => {
  if (!isInstallPath(at)) return `${at} is no place of a plugin`;
  const file = path.join(folder, at);
  const actual = await hashFile(folder, at);
  if (actual === sha256) return undefined;
  // Bytes that are no vetted version's may be its owner's doing, and are kept.
  const mayReplace = actual === undefined || (await artifacts.read(actual)) !== undefined;
  const bytes = mayReplace ? await artifacts.read(sha256) : undefined;
  if (!bytes) return `${at} ${actual ?? "missing"}`;
  await replace(file, bytes);
  return undefined;
};

/** Leaves out what was installed after the store was copied. */
const dropLater = async ({ folder, artifacts }: Gathered, files: readonly string[]): Promise<void> => {
  for (const file of files) {
    const actual = await hashFile(folder, file);
    if (actual !== undefined && (await artifacts.read(actual))) await rm(path.join(folder, file));
  }
};

/**
 * Brings gathered plugin files in line with the gathered records: files were taken a moment later than the records, and
 * installs went on meanwhile.
 * @param files all that were gathered, relative to the folder
 * @returns which files are not as recorded, and what they are: they were changed by hand, or went while they were gathered
 */
export const restorePluginFiles = async (
  gathered: Gathered,
  records: readonly Recorded[],
  files: readonly string[],
): Promise<string[]> => {
  const recorded = records.flatMap(({ provenance }) => provenance ?? []);
  const settled = await Promise.all(recorded.map((provenance) => settleFile(gathered, provenance)));
  const known = new Set(recorded.map((provenance) => provenance.path));
  await dropLater(
    gathered,
    files.filter((file) => !known.has(file)),
  );
  return settled.filter((differing) => differing !== undefined);
};
