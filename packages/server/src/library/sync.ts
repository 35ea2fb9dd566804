import { HitagiError, isHitagiError } from "@hitagi/contract";
import type { ArchiveRecord, ArchiveStore, Locks } from "../store/types.ts";
import { type FileState, isAsRecorded, stateOf } from "./file-state.ts";
import { stemOf } from "./filename.ts";
import type { Inspector } from "./inspect.ts";
import { titleOr } from "./tags.ts";
import { type LibraryScope, type Skipped, unreadable, walkLibrary } from "./walk.ts";

/** The result of a scan. Files are relative to the library, with `/`. */
export interface SyncReport {
  added: ArchiveRecord[];
  /** Known archives under a new name. */
  moved: { id: string; from: string; to: string }[];
  /** Known files with another content; title, tags and summary were kept under the new id. */
  replaced: { from: string; to: string; file: string }[];
  /** Records whose file is missing. They stay, because the disk may only be unmounted. */
  missing: ArchiveRecord[];
  /** Broken files, copies of known archives, and folders that cannot be read. */
  skipped: Skipped[];
  /** Files for the next scan: they were written to a moment ago and may be incomplete, or another operation has them. */
  unsettled: string[];
  /** Every folder that was read, absolute. */
  folders: string[];
}

export interface SyncOptions {
  signal?: AbortSignal;
  /** Milliseconds since the last write after which a file counts as complete; 0 by default. */
  settleMs?: number;
  /** Called before a new archive is added. */
  arriving?: (id: string) => Promise<void>;
  /** Called with each folder, absolute, before it is read. */
  reading?: (folder: string) => void;
}

export interface SyncDeps extends LibraryScope {
  archives: ArchiveStore;
  inspector: Inspector;
  locks: Locks;
  /** Epoch seconds. */
  now: () => number;
}

type UpdateDeps = SyncDeps & Required<Pick<SyncOptions, "arriving">>;

type FoundFile = Pick<ArchiveRecord, "file"> & FileState;

interface Found {
  files: FoundFile[];
  folders: string[];
  skipped: Skipped[];
}

/** Changes an archive while no other operation does. @throws HitagiError ARCHIVE_BUSY, or what `work` throws */
export const withArchiveLock = async <T>(locks: Locks, id: string, work: () => Promise<T>): Promise<T> => {
  const lock = await locks.tryAcquire(`archive:${id}`);
  if (lock === undefined) throw new HitagiError("ARCHIVE_BUSY", { id });
  return work().finally(lock.release);
};

/** Compares the folder with the store by name, size and time of the last write, and reads only files that differ from their record. */
export const syncFolder = async (
  deps: SyncDeps,
  { signal, settleMs = 0, arriving = async () => {}, reading = () => {} }: SyncOptions = {},
): Promise<SyncReport> => {
  const records = await deps.archives.list();
  const byFile = new Map(records.map((r) => [r.file, r]));
  const { files, folders, skipped } = await findArchives(deps, reading);
  const report: SyncReport = {
    ...{ added: [], moved: [], replaced: [], missing: [], unsettled: [] },
    folders,
    skipped,
  };
  const present = new Set(files.map((f) => f.file));
  for (const found of files) {
    signal?.throwIfAborted();
    const known = byFile.get(found.file);
    if (known !== undefined && isAsRecorded(known, found)) {
      // A record of an earlier version, or of an upload that was not completed.
      if (known.modified === undefined)
        await deps.archives.update(known.id, { modified: found.modified }, "relaxed");
    } else if (Math.abs(Date.now() - found.modified) < settleMs) report.unsettled.push(found.file);
    else await updateFile({ ...deps, arriving }, found, known, present, report);
  }
  const moved = new Set(report.moved.map((m) => m.id));
  report.missing = records.filter((r) => !present.has(r.file) && !moved.has(r.id));
  return report;
};

/** Finds the archives, each with its size and the time of its last write. */
const findArchives = async (scope: LibraryScope, reading: (folder: string) => void): Promise<Found> => {
  const files: FoundFile[] = [];
  const walked = await walkLibrary(scope, {
    reading,
    onFile: (file, stats) => void files.push({ file, ...stateOf(stats) }),
  });
  return { files, ...walked };
};

/** Reads one file that differs from the store, and updates the store under the archive's lock. */
const updateFile = async (
  deps: UpdateDeps,
  found: FoundFile,
  before: ArchiveRecord | undefined,
  present: ReadonlySet<string>,
  report: SyncReport,
): Promise<void> => {
  const { file } = found;
  try {
    const { folder, linkTargets } = deps;
    const { id, pages } = await deps.inspector.inspect({ folder, file, linkTargets });
    await withArchiveLock(deps.locks, id, async () => {
      const known = await deps.archives.get(id);
      const read = { size: found.size, pages, modified: found.modified };
      if (known === undefined) await admit(deps, { id, file, ...read }, before, report);
      // It was touched, or changed after its start alone, as a file that was incomplete when it was added.
      else if (known.file === file) await deps.archives.update(id, read);
      else if (present.has(known.file))
        report.skipped.push({ file, reason: `it is the same as ${known.file}` });
      else if (await deps.archives.update(id, { file, modified: found.modified })) {
        report.moved.push({ id, from: known.file, to: file });
      }
    });
  } catch (error) {
    // An upload or deletion of it runs, perhaps on another server.
    if (isHitagiError(error, "ARCHIVE_BUSY")) report.unsettled.push(file);
    else report.skipped.push({ file, reason: reasonOf(error) });
  }
};

/** Adds an archive, with the metadata of the one that had its file before, if any. */
const admit = async (
  { archives, arriving, now }: UpdateDeps,
  read: Pick<ArchiveRecord, "id" | "file" | "size" | "pages" | "modified">,
  before: ArchiveRecord | undefined,
  report: SyncReport,
): Promise<void> => {
  const fresh = {
    title: titleOr(undefined, stemOf(read.file)),
    tags: "",
    summary: "",
    added: Math.floor(now()),
  };
  const record = { ...fresh, ...before, ...read };
  if (before === undefined) await arriving(record.id);
  // Frees the file's name. The old record goes last, so that a process killed in between loses no metadata.
  else await archives.update(before.id, { file: `.replaced/${before.id}` });
  if (!(await archives.add(record))) return;
  if (before === undefined) return void report.added.push(record);
  await archives.delete(before.id);
  report.replaced.push({ from: before.id, to: record.id, file: record.file });
};

/** Why a file is skipped. @throws errors that do not concern this file alone */
const reasonOf = (error: unknown): string =>
  isHitagiError(error, "ARCHIVE_BROKEN") ? error.message : unreadable(error);
