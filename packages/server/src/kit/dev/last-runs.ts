import { readFile } from "node:fs/promises";
import path from "node:path";
import { makeFolder } from "../../disk/folders.ts";
import { writeWhole } from "../../disk/write-whole.ts";
import type { KeptRun } from "./compare-runs.ts";

/** The last run on each archive, in a file beside the recordings. */
export interface LastRuns {
  of(archive: string | null): KeptRun | undefined;
  keep(runs: readonly KeptRun[]): Promise<void>;
}

const read = async (file: string): Promise<KeptRun[]> => {
  try {
    const value: unknown = JSON.parse(await readFile(file, "utf8"));
    return Array.isArray(value) ? (value as KeptRun[]) : [];
  } catch {
    // Without it nothing is compared, and the next run writes it anew.
    return [];
  }
};

export const openLastRuns = async (file: string): Promise<LastRuns> => {
  const runs = new Map((await read(file)).map((run) => [run.archive, run]));
  return {
    of: (archive) => runs.get(archive),
    keep: async (latest) => {
      for (const run of latest) runs.set(run.archive, run);
      await makeFolder(path.dirname(file));
      const content = `${JSON.stringify([...runs.values()], null, 2)}\n`;
      await writeWhole({ file, content, mode: 0o644 });
    },
  };
};
