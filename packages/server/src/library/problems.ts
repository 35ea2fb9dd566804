import { isHitagiError, type LibraryProblem } from "@hitagi/contract";
import type { ArchiveRecord, ArchiveStore } from "../store/types.ts";
import { isAsRecorded, stateOf } from "./file-state.ts";
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
  /** Files without a record, without pages, or with another state than their record. */
  const unclear: string[] = [];
  await walkLibrary(deps, {
    onFile: (file, stats) => {
      there.add(file);
      const record = byFile.get(file);
      if (record === undefined || record.pages === 0 || !isAsRecorded(record, stateOf(stats)))
        unclear.push(file);
    },
    onLeftOut: (left) => void problems.push(left),
  });
  const about = async (file: string): Promise<LibraryProblem | undefined> => {
    const { id, unreadable } = await inspector.inspect({ folder, file, linkTargets });
    const record = byFile.get(file);
    if (record && unreadable !== undefined) return { file, kind: "unreadable", reason: unreadable, id };
    if (record)
      return record.id === id
        ? undefined
        : {
            file,
            kind: "waiting",
            reason: "its content is another one, and it was not scanned yet",
            id: record.id,
          };
    const known = await archives.get(id);
    return known && known.file !== file && there.has(known.file)
      ? { file, kind: "duplicate", reason: `it is the same as ${known.file}`, id }
      : { file, kind: "waiting", reason: "it was not scanned yet" };
  };
  for (const file of unclear) {
    const id = byFile.get(file)?.id;
    const problem = await about(file).catch(
      (error: unknown): LibraryProblem => ({
        file,
        ...(isHitagiError(error, "ARCHIVE_BROKEN")
          ? { kind: "broken", reason: error.message }
          : { kind: "denied", reason: unreadable(error) }),
        ...(id !== undefined && { id }),
      }),
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
