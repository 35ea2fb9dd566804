import type { FileHandle } from "node:fs/promises";
import { HitagiError, isHitagiError } from "@hitagi/contract";
import type { ProcessLimits } from "../../child-process/limited-process.ts";
import { identityOf, pathOfOpen } from "../../disk/regular-files.ts";
import { type ArchiveFile, openArchiveFile, pathOfArchive } from "../archive-file.ts";
import { decodeAs } from "../decode-as.ts";
import { encodingOfNames } from "../encoding-detection.ts";
import { filesByName } from "../files-by-name.ts";
import type { ArchiveEntry } from "../types.ts";
import { asBroken, entryOfUnknownMethod, type OpenFile, readZipEntry, zipEntries } from "../zip.ts";
import { createDirectories } from "../zip-directories.ts";
import { isJunk, isSafeName } from "../zip-names.ts";
import { contentOf } from "./content.ts";
import { createReaderProcesses } from "./reader-process.ts";
import { ONLY_NAME, type ReaderEntry, ReaderFault, type RequestedFile } from "./reader-protocol.ts";
import type { Containers } from "./types.ts";

const targetOf = async ({ handle, stats }: OpenFile, file: ArchiveFile): Promise<RequestedFile> => {
  const content = await contentOf(handle, Number(stats.size));
  if ("unreadable" in content) throw new HitagiError("ARCHIVE_UNREADABLE", { reason: content.unreadable });
  if (content.format === undefined)
    throw new HitagiError("ARCHIVE_BROKEN", { reason: `it is ${content.description}, not an archive` });
  return { format: content.format, path: pathForOthers(handle, file), identity: identityOf(stats) };
};

/** A path of an open file for another process; see {@link pathOfOpen}. */
const pathForOthers = (handle: FileHandle, file: ArchiveFile): string =>
  pathOfOpen(handle, pathOfArchive(file)).replace("/proc/self/", `/proc/${process.pid}/`);

const errorOf = (error: unknown, name: string, limit: number): unknown => {
  if (!(error instanceof ReaderFault)) return error;
  return new HitagiError(error.code, { reason: error.message, name, limit });
};

/** What shows an entry's name. Those that are not UTF-8 have one encoding, as those of a zip. */
const detectNames = async (entries: readonly ReaderEntry[]): Promise<(entry: ReaderEntry) => string> => {
  const raw = entries.filter(({ isRaw }) => isRaw).map(({ name }) => Buffer.from(name, "latin1"));
  const encoding = (raw.length > 0 ? await encodingOfNames(raw) : undefined) ?? "windows-1252";
  return ({ name, isRaw }) => (isRaw ? (decodeAs(Buffer.from(name, "latin1"), encoding) ?? name) : name);
};

/** Reads archives of all formats, each by its content. */
export const createContainers = (limits?: ProcessLimits): Containers => {
  const directories = createDirectories();
  const processes = createReaderProcesses(limits);

  /** Opens the file for one use. @throws HitagiError only */
  const withTarget = async <T>(
    file: ArchiveFile,
    use: (target: RequestedFile, opened: OpenFile) => Promise<T>,
  ): Promise<T> => {
    let handle: FileHandle | undefined;
    try {
      handle = await openArchiveFile(file);
      const opened = { handle, stats: await handle.stat({ bigint: true }) };
      return await use(await targetOf(opened, file), opened);
    } catch (error) {
      throw asBroken(error);
    } finally {
      await handle?.close();
    }
  };

  /** The files by the name that is shown, each as the reader process names it. */
  const foreignFiles = async (target: RequestedFile): Promise<Map<string, ReaderEntry>> => {
    const reply = await processes.ask({ kind: "entries", ...target }).catch((error: unknown) => {
      throw errorOf(error, "", 0);
    });
    const entries = reply.kind === "entries" ? reply.entries : [];
    return filesByName(entries, await detectNames(entries));
  };

  const foreignEntries = async (target: RequestedFile): Promise<ArchiveEntry[]> =>
    [...(await foreignFiles(target))].map(([name, { isRaw: _, ...entry }]) => ({ ...entry, name }));

  /**
   * Reads a file by the reader process.
   * @param readerName the file's name in the reader process
   * @param name the file's name as it is shown, for errors
   */
  const ask = async (
    target: RequestedFile,
    readerName: string,
    name: string,
    maxBytes: number,
  ): Promise<Buffer> => {
    const request = { kind: "read", name: readerName, maxBytes, ...target } as const;
    const reply = await processes.ask(request).catch((error: unknown) => {
      throw errorOf(error, name, maxBytes);
    });
    return Buffer.from(reply.kind === "bytes" ? reply.bytes : []);
  };

  const foreignRead = async (target: RequestedFile, name: string, maxBytes: number): Promise<Buffer> => {
    if (!isSafeName(name)) throw new HitagiError("ENTRY_NOT_FOUND", { name });
    return ask(target, name, name, maxBytes).catch(async (error: unknown) => {
      if (!isHitagiError(error, "ENTRY_NOT_FOUND")) throw error;
      const file = (await foreignFiles(target)).get(name);
      if (file?.isRaw) return ask(target, file.name, name, maxBytes);
      throw error;
    });
  };

  return {
    entries: (file) =>
      withTarget(file, async (target, opened) => {
        const isZip = target.format === "zip";
        const entries = isZip ? await zipEntries(opened, directories) : await foreignEntries(target);
        return entries.filter(({ name }) => !isJunk(name));
      }),
    read: (file, name, maxBytes) =>
      withTarget(file, async (target, opened) => {
        if (target.format !== "zip") return foreignRead(target, name, maxBytes);
        return readZipEntry(opened, name, maxBytes, directories).catch((error: unknown) => {
          const entry = entryOfUnknownMethod(error);
          if (entry === undefined) throw error;
          // Its names may be in any encoding, and the other program would read them otherwise.
          return ask({ ...target, entry }, ONLY_NAME, name, maxBytes);
        });
      }),
    close: async () => processes.close(),
  };
};
