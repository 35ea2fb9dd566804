import { isHitagiError, type LibraryProblem } from "@hitagi/contract";
import type { ArchiveRecord, ArchiveStore } from "../store/types.ts";
import type { Inspector } from "./inspect.ts";
import { type LibraryScope, unreadable, walkLibrary } from "./walk.ts";

export interface ProblemsDeps extends LibraryScope {
  archives: ArchiveStore;
  inspector: Inspector;
}

/**
 * Every file and folder of a library that was not taken in, and each archive whose file is missing or cannot be read, with the reason.
 * Looks at the files now; those that a scan has read are not read again.
 * @throws the file system's error where the library itself cannot be read
 */
export const libraryProblems = async (deps: ProblemsDeps): Promise<LibraryProblem[]> => {
  const { folder, linkTargets, archives, inspector } = deps;
  const problems: LibraryProblem[] = [];
  const records = await archives.list();
  const byFile = new Map(records.map((record) => [record.file, record]));
  const there = new Set<string>();
  const unknown: string[] = [];
  await walkLibrary(deps, {
    onFile: (file) => {
      there.add(file);
      const pages = byFile.get(file)?.pages ?? 0;
      if (pages === 0) unknown.push(file);
    },
    onLeftOut: (left) => void problems.push(left),
  });
  const about = async (file: string): Promise<LibraryProblem | undefined> => {
    const { id, unreadable } = await inspector.inspect({ folder, file, linkTargets });
    if (byFile.has(file))
      return unreadable === undefined ? undefined : { file, kind: "unreadable", reason: unreadable, id };
    const known = await archives.get(id);
    return known && known.file !== file && there.has(known.file)
      ? { file, kind: "duplicate", reason: `it is the same as ${known.file}`, id }
      : { file, kind: "waiting", reason: "it was not scanned yet" };
  };
  for (const file of unknown) {
    const problem = await about(file).catch(
      (error: unknown): LibraryProblem =>
        isHitagiError(error, "ARCHIVE_BROKEN")
          ? { file, kind: "broken", reason: error.message }
          : { file, kind: "denied", reason: unreadable(error) },
    );
    if (problem) problems.push(problem);
  }
  return [...problems, ...missing(records, there)];
};

const missing = (records: readonly ArchiveRecord[], there: ReadonlySet<string>): LibraryProblem[] =>
  records
    .filter(({ file }) => !there.has(file))
    .map(({ id, file }) => ({
      file,
      kind: "missing",
      reason: "its file is missing, and its record stays",
      id,
    }));
