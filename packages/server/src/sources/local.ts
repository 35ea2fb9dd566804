import { HitagiError } from "@hitagi/contract";
import { withFileDeadline } from "./deadline.ts";
import { readLocalFile } from "./local-file.ts";
import { readLocalTree } from "./local-tree.ts";
import type { Source } from "./types.ts";

/** Absolute on this or another operating system: `/…`, `C:\…`, `\\…`. */
export const ABSOLUTE = /^(?:\/|[A-Za-z]:[\\/]|\\\\)/;

const pathProblem = (folder: string): string | undefined => {
  if (!ABSOLUTE.test(folder)) return "path must be absolute";
  return folder.includes("\0") ? "path must not contain a null byte" : undefined;
};

const given = (folder: string | undefined): string => {
  if (folder !== undefined) return folder;
  throw new HitagiError("REGISTRY_FIELDS_INVALID", { provider: "local", reason: "path is missing" });
};

/** A folder on this machine. Links are followed only inside it. */
export const createLocalSource = (): Source => ({
  provider: "local",
  fields: ["path"],
  optional: [],
  credential: () => undefined,
  check: ({ path: folder = "" }) => pathProblem(folder),
  fetch: async ({ path: folder }, file, options) =>
    withFileDeadline(file, options, () => readLocalFile(given(folder), file, options)),
  readTree: async ({ path: folder }, options) =>
    withFileDeadline("The folder", options, () => readLocalTree(given(folder), options)),
});
