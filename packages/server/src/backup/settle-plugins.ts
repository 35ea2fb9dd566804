import { createHash } from "node:crypto";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Artifacts, PluginRecord, Provenance } from "../store/types.ts";

const hashIn = async (file: string): Promise<string | undefined> => {
  try {
    return createHash("sha256")
      .update(await readFile(file))
      .digest("hex");
  } catch (e) {
    if ((e as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw e;
  }
};

/** Puts other bytes under a name. The name goes first, because it may be one of two of the server's own file. */
const replace = async (file: string, bytes: Buffer): Promise<void> => {
  await rm(file, { force: true });
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, bytes, { flag: "wx" });
};

interface Gathered {
  /** The folder of plugins in the backup. */
  folder: string;
  /** The versions in the backup. */
  artifacts: Artifacts;
}

/** Answers whether the file is as it must be. */
const settleFile = async (
  { folder, artifacts }: Gathered,
  { path: at, sha256 }: Provenance,
): Promise<boolean> => {
  const file = path.join(folder, at);
  const actual = await hashIn(file);
  if (actual === sha256) return true;
  // A vetted version's bytes are those of an operation that was under way. Others are its owner's doing, and kept.
  if (actual !== undefined && !(await artifacts.read(actual))) return true;
  const bytes = await artifacts.read(sha256);
  if (bytes) await replace(file, bytes);
  return bytes !== undefined;
};

/** Leaves out what was installed after the store was copied. */
const dropLater = async ({ folder, artifacts }: Gathered, files: readonly string[]): Promise<void> => {
  for (const file of files) {
    const actual = await hashIn(path.join(folder, file));
    if (actual !== undefined && (await artifacts.read(actual))) await rm(path.join(folder, file));
  }
};

/**
 * Brings gathered plugin files in line with the gathered records: files were taken a moment later than the records, and
 * installs went on meanwhile.
 * @param files all that were gathered, relative to the folder
 * @returns whether every record has its file; where not, its bytes went while they were gathered, or were gone before
 */
export const settlePlugins = async (
  gathered: Gathered,
  records: readonly PluginRecord[],
  files: readonly string[],
): Promise<boolean> => {
  const recorded = records.flatMap(({ provenance }) => provenance ?? []);
  const settled = await Promise.all(recorded.map((provenance) => settleFile(gathered, provenance)));
  const known = new Set(recorded.map((provenance) => provenance.path));
  await dropLater(
    gathered,
    files.filter((file) => !known.has(file)),
  );
  return settled.every(Boolean);
};
