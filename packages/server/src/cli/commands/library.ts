import { openAsBlob, statSync } from "node:fs";
import { readdir } from "node:fs/promises";
import path from "node:path";
import { type ArchiveMetadata, isHitagiError } from "@hitagi/contract";
import type { Command } from "commander";
import { chooseArchive } from "../archive-choice.ts";
import { confirm } from "../confirm.ts";
import { localCommand, serverCommand } from "../define-command.ts";
import { CommandFailed, UsageError } from "../failure.ts";
import type { Io } from "../io.ts";
import { resultOf, waitForJob } from "../job-wait.ts";
import { type Session, withSession } from "../session.ts";
import { record, table } from "../table.ts";

interface Fields {
  title?: string;
  tags?: string;
  summary?: string;
}
type Added = { id: string; filename: string; job: number | null };

/** A file, read while it is sent. Rejects if the file does not exist, where openAsBlob throws. */
const fileBlob = async (file: string): Promise<Blob> => openAsBlob(file);

const isAddress = (text: string): boolean => /^https?:\/\//i.test(text);

const upload = async (
  { client, io }: Session,
  name: string,
  { title, tags, summary }: Fields,
): Promise<Added> => {
  const file = await fileBlob(path.resolve(io.cwd, name)).catch(() => {
    throw new UsageError(`${name} cannot be read.`, "Give a .zip or .cbz file, or an http(s) address.");
  });
  const body = { title, tags, summary };
  const { id, filename, job } = await client.uploadArchive({ file, filename: path.basename(name), body });
  return { id, filename, job };
};

const download = async (session: Session, url: string): Promise<Added> => {
  const { job } = await session.client.downloadUrl({ body: { url } });
  return resultOf(await waitForJob(session, job)) as Added;
};

const addOne = async (session: Session, source: string, options: Fields): Promise<Added> => {
  const one = isAddress(source) ? await download(session, source) : await upload(session, source, options);
  if (one.job !== null) await waitForJob(session, one.job);
  return one;
};

interface Failure {
  source: string;
  error: unknown;
}

const notAdded = (failures: Failure[], of: number): CommandFailed => {
  const lines = failures.map(
    ({ source, error }) => `${source}: ${error instanceof Error ? error.message : error}`,
  );
  return new CommandFailed(
    `${failures.length} of ${of} were not added.\n${lines.map((line) => `  ${line}`).join("\n")}`,
    "The others were added. Correct these, then add them again.",
  );
};

/** The archives in and below a folder, or the source itself. */
const archivesIn = async (io: Io, source: string): Promise<string[]> => {
  const place = path.resolve(io.cwd, source);
  if (isAddress(source) || !statSync(place, { throwIfNoEntry: false })?.isDirectory()) return [source];
  const found = await readdir(place, { recursive: true });
  const archives = found.filter((name) => /\.(zip|cbz)$/i.test(name)).sort();
  if (archives.length > 0) return archives.map((name) => path.join(place, name));
  throw new UsageError(
    `${source} contains no .zip or .cbz file.`,
    "Give files, or a folder that contains some.",
  );
};

/** Adds all sources; a failure does not stop the others. */
const add = async (session: Session, given: string[], options: Fields): Promise<void> => {
  const sources = (await Promise.all(given.map((source) => archivesIn(session.io, source)))).flat();
  const added: Added[] = [];
  const failures: Failure[] = [];
  for (const source of sources) {
    try {
      added.push(await addOne(session, source, options));
    } catch (error) {
      if (isHitagiError(error, "SERVER_UNREACHABLE") || sources.length === 1) throw error;
      failures.push({ source, error });
    }
  }
  session.print(added, () =>
    table(
      session.io,
      ["ID", "FILE"],
      added.map((a) => [a.id, a.filename]),
    ),
  );
  if (failures.length > 0) throw notAdded(failures, sources.length);
};

const list = async (session: Session): Promise<void> => {
  const archives = await session.client.listArchives({ query: { check: true } });
  const row = (a: ArchiveMetadata) => [a.arcid, a.missing ? "missing" : a.pagecount, a.title, a.tags];
  session.print(archives, () =>
    archives.length > 0
      ? table(session.io, ["ID", "PAGES", "TITLE", "TAGS"], archives.map(row))
      : "The library is empty. Add an archive with `hitagi library add <file>`.",
  );
  const gone = archives.filter((a) => a.missing).length;
  if (gone > 0) {
    const them = gone > 1 ? `The files of ${gone} archives are` : "The file of one archive is";
    session.say(`${them} missing. Put them back, or delete their records with \`hitagi library remove\`.`);
  }
};

const show = async (session: Session, given: string): Promise<void> => {
  const id = await chooseArchive(session.client, given);
  const archive = await session.client.getArchiveMetadata({ params: { id } });
  session.print(archive, (a) =>
    record([
      ["ID", a.arcid],
      ["Title", a.title],
      ["Tags", a.tags],
      ["Summary", a.summary],
      ["File", `${a.filename}.${a.extension}`],
      ["Pages", a.pagecount],
      ["Bytes", a.size],
    ]),
  );
};

const edit = async (session: Session, given: string, { title, tags, summary }: Fields): Promise<void> => {
  const id = await chooseArchive(session.client, given);
  await session.client.putArchiveMetadata({ params: { id }, query: { title, tags, summary } });
  await show(session, id);
};

const remove = async (session: Session, ids: string[], options: { yes?: boolean }): Promise<void> => {
  await confirm(
    session.io,
    `Delete ${ids.length} archive${ids.length > 1 ? "s" : ""} with the files?`,
    options,
  );
  const removed: { id: string; filename: string }[] = [];
  for (const id of ids) {
    const { filename } = await session.client.deleteArchive({ params: { id } });
    removed.push({ id, filename });
  }
  session.print(removed, () => removed.map((r) => `Deleted ${r.filename}.`).join("\n"));
};

const withFields = (command: Command): Command =>
  command
    .option("--title <text>", "its title")
    .option("--tags <list>", "its tags, separated by commas")
    .option("--summary <text>", "its summary");

/** `hitagi library …`: the archives. */
export const libraryCommands = (program: Command, io: Io): void => {
  const library = localCommand(
    program,
    "library",
    "The archives that plugins work on.",
    "hitagi library list",
  );
  const id = "0123456789abcdef0123456789abcdef01234567";
  withFields(
    serverCommand(
      library,
      "add <sources...>",
      "Add archives from files and folders, or from addresses with a download plugin.",
      "hitagi library add ./comic.cbz",
    ),
  ).action(withSession(io, add));
  serverCommand(library, "list", "List the archives.", "hitagi library list").action(withSession(io, list));
  serverCommand(library, "show <id>", "Show one archive.", `hitagi library show ${id}`).action(
    withSession(io, show),
  );
  withFields(
    serverCommand(
      library,
      "edit <id>",
      "Change an archive's metadata.",
      `hitagi library edit ${id} --title "A title"`,
    ),
  ).action(withSession(io, edit));
  serverCommand(library, "remove <ids...>", "Delete archives and their files.", `hitagi library remove ${id}`)
    .option("-y, --yes", "do not ask")
    .action(withSession(io, remove));
};
