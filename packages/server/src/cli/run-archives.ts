import { createWriteStream } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ReadableStream } from "node:stream/web";
import { type ArchiveMetadata, type Client, quoteText } from "@hitagi/contract";
import type { KitArchive } from "../kit/types.ts";
import { isArchiveName, safeFilename } from "../library/filename.ts";
import { splitTags } from "../library/tags.ts";
import { type ConnectionOptions, connect } from "./connection.ts";
import { CommandFailed } from "./failure.ts";
import { sizeText } from "./format.ts";
import { type Io, signalOf } from "./io.ts";
import { findArchive } from "./lookup.ts";
import { bytesProgress } from "./progress-line.ts";
import type { Printer } from "./session.ts";

/** The options that name the archives of a run. */
export interface ArchiveOptions extends ConnectionOptions {
  archive?: string[];
  archiveId?: string[];
  search?: string;
}

/** The archives of a run, as long as it is open. */
export interface RunArchives {
  archives: KitArchive[];
  /** Removes the copies. */
  close(): Promise<void>;
}

/** The keys 1 to 9 choose among them. */
const MOST_FOUND = 9;

/** Whether the options name archives. */
export const namesArchives = ({ archive = [], archiveId = [], search }: ArchiveOptions): boolean =>
  archive.length > 0 || archiveId.length > 0 || search !== undefined;

/** The archives that a search finds, as many as there are keys. @throws CommandFailed if it finds none */
const searched = async ({ say }: Printer, client: Client, q: string): Promise<ArchiveMetadata[]> => {
  const { total, items } = await client.searchArchives({ query: { q, size: MOST_FOUND } });
  if (items.length === 0)
    throw new CommandFailed(
      `No archive of the server has ${q}.`,
      "List its archives with `hitagi library list`.",
    );
  if (total > items.length) say(`The first ${items.length} of ${total} archives that have ${q}.`);
  return items;
};

/** The name of a copy. It is that of an archive, so that no program takes it for a test or a script. @throws CommandFailed for any other name */
const copyName = (place: string): string => {
  const name = safeFilename(place);
  if (isArchiveName(name)) return name;
  throw new CommandFailed(
    `The server names ${quoteText(place)} as an archive, and that is no name of one.`,
    "Rename the file on the server, for example to one that ends with .cbz.",
  );
};

/** Passes bytes on. @throws CommandFailed for more of them than the server named */
const atMost = (size: number, name: string): Transform => {
  let bytes = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes <= size) return done(null, chunk);
      done(
        new CommandFailed(
          `The server sends more of ${name} than the ${sizeText(size)} that it named.`,
          "The file may have changed meanwhile: run the command again.",
        ),
      );
    },
  });
};

/** Copies an archive into a new folder, under its own name. The server is only read, and its ids name no path here. */
const copied = async (
  io: Io,
  client: Client,
  own: string,
  { arcid, file, filename, extension, size, title, tags, summary }: ArchiveMetadata,
): Promise<KitArchive> => {
  const place = file ?? (extension === "" ? filename : `${filename}.${extension}`);
  const name = copyName(place);
  const signal = signalOf(io);
  await mkdir(own);
  const bytes = await client.downloadArchive({ params: { id: arcid }, signal });
  const copy = path.join(own, name);
  await pipeline(
    Readable.fromWeb(bytes as ReadableStream<Uint8Array>),
    atMost(size, name),
    bytesProgress(io, `Reading ${name}:`, size),
    createWriteStream(copy),
    { signal },
  );
  return { file: copy, path: place, title, tags: splitTags(tags), summary };
};

/**
 * Opens the archives that the options name: files, then those of a running server. Of a server, each is copied to a temporary file,
 * with the title, the tags and the summary that it has there.
 * @throws CommandFailed for an archive that the server does not have; as `connect` and its calls; the file system's error
 */
export const openRunArchives = async (printer: Printer, options: ArchiveOptions): Promise<RunArchives> => {
  const { io } = printer;
  const { archive = [], archiveId = [], search } = options;
  const archives: KitArchive[] = archive.map((name) => ({ file: path.resolve(io.cwd, name) }));
  if (archiveId.length === 0 && search === undefined) return { archives, close: async () => {} };
  const client = await connect(io, options);
  const found = new Map<string, ArchiveMetadata>();
  for (const text of archiveId) {
    const one = await findArchive(client, text);
    found.set(one.arcid, one);
  }
  if (search !== undefined)
    for (const one of await searched(printer, client, search)) found.set(one.arcid, one);
  const folder = await mkdtemp(path.join(tmpdir(), "hitagi-archives-"));
  const close = () => rm(folder, { recursive: true, force: true });
  try {
    for (const one of found.values()) {
      const own = path.join(folder, String(archives.length));
      archives.push(await copied(io, client, own, one));
    }
    return { archives, close };
  } catch (error) {
    await close();
    throw error;
  }
};
