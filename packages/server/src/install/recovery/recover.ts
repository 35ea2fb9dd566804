import { readdir, rm } from "node:fs/promises";
import path from "node:path";
import { isMissing } from "../../disk/errno.ts";
import { STAGED } from "../../disk/files.ts";
import type { InstallDeps } from "../deps.ts";
import type { Journal } from "./journal.ts";
import { replayJournal } from "./replay-journal.ts";

/** Files on their way in that no operation will ever take further. */
const dropStaged = async (folder: string): Promise<void> => {
  const names = await readdir(folder).catch((e: unknown) => {
    if (isMissing(e)) return [];
    throw e;
  });
  for (const name of names.filter((n) => n.endsWith(STAGED))) await rm(path.join(folder, name));
};

/**
 * Finishes or undoes what a process that died left: every namespace in the journal ends with its old version whole
 * or its new one whole. One that cannot be settled stays in the journal and does not keep the server from starting.
 * Runs before anything else uses the plugins.
 */
export const recover = async (deps: InstallDeps, journal: Journal): Promise<void> => {
  for (const namespace of await journal.list()) {
    await replayJournal(deps, journal, namespace).catch((err: unknown) => {
      deps.log.error({ err, namespace }, "an operation that a stopped process had left could not be settled");
    });
  }
  await dropStaged(deps.stagingFolder);
};
