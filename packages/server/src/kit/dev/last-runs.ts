import { readBelow, writeBelow } from "../../disk/files-below.ts";
import type { FileBelow } from "../files.ts";
import type { KeptRun } from "./compare-runs.ts";

/** The last run on each archive, in a file beside the recordings. */
export interface LastRuns {
  of(archive: string | null): KeptRun | undefined;
  /** @throws LinkBelowError; HitagiError DISK_FULL, STORE_FAILED; the file system's error */
  keep(runs: readonly KeptRun[]): Promise<void>;
}

const read = async ({ folder, name }: FileBelow): Promise<KeptRun[]> => {
  try {
    const value: unknown = JSON.parse((await readBelow(folder, name)) ?? "[]");
    return Array.isArray(value) ? (value as KeptRun[]) : [];
  } catch {
    // Without it nothing is compared, and the next run writes it anew.
    return [];
  }
};

export const openLastRuns = async (file: FileBelow): Promise<LastRuns> => {
  const runs = new Map((await read(file)).map((run) => [run.archive, run]));
  return {
    of: (archive) => runs.get(archive),
    keep: async (latest) => {
      for (const run of latest) runs.set(run.archive, run);
      await writeBelow(file.folder, file.name, `${JSON.stringify([...runs.values()], null, 2)}\n`);
    },
  };
};
