import type { LoadedPlugin } from "../types.ts";
import { checks } from "./checks/all.ts";
import type { Finding, Subject } from "./types.ts";

const nowhere = { line: 1, column: 1 };

/** A published file: its sources are its author's, and it is not run. */
const subjectOf = (plugin: LoadedPlugin): Subject => {
  const { filename, source } = plugin.code;
  return {
    file: filename,
    source: source.toString("utf8"),
    manifestSource: { placeOf: () => nowhere, find: () => undefined, entryPoint: () => undefined },
    bundle: {
      ...{ filename, code: source, codeWithMap: source, isBundled: false },
      ...{ inputs: [], weight: [], packages: [] },
    },
    bundleProblems: [],
    plugin,
    loadFailure: undefined,
    oddRuns: [],
    checkedTypes: undefined,
  };
};

/** What the owner of a server should know of a plugin before it is installed, by the checks that are for owners. */
export const findForOwners = async (plugin: LoadedPlugin): Promise<Pick<Finding, "rule" | "message">[]> => {
  const subject = subjectOf(plugin);
  const found = await Promise.all(
    checks
      .filter(({ isForOwners }) => isForOwners)
      .map(async ({ rule, run }) => (await run(subject)).map(({ message }) => ({ rule, message }))),
  );
  return found.flat();
};
