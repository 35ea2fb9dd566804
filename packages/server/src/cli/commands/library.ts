import { existsSync, openAsBlob, statSync } from "node:fs";
import { readdir } from "node:fs/promises";
import path from "node:path";
import {
  type ArchiveMetadata,
  ArchiveSort,
  isHitagiError,
  type LibraryProblem,
  quoteText,
} from "@hitagi/contract";
import { minuteText } from "../../clock.ts";
import { archiveExtensions, isArchiveName } from "../../library/filename.ts";
import type { CliCommand } from "../command.ts";
import { confirm } from "../confirm.ts";
import { CommandFailed, messageOf, UsageError } from "../failure.ts";
import { sizeText } from "../format.ts";
import type { Io } from "../io.ts";
import { resultOf, waitForJob } from "../job-wait.ts";
import { ARCHIVE_ARGUMENT, chooseArchive, findArchive, shortIds } from "../lookup.ts";
import { wholeNumber } from "../option-values.ts";
import type { PageOptions, Session } from "../session.ts";
import { type Columns, record, table } from "../table.ts";
import { sayUndo } from "../undo.ts";
import { sayUndoOfEdit, textsOf } from "../undo-edit.ts";

interface Fields {
  title?: string;
  tags?: string;
  summary?: string;
}
type Added = { id: string; filename: string; job: number | null };

/** A file, read while it is sent. Rejects if the file does not exist, where openAsBlob throws. */
const fileBlob = async (file: string): Promise<Blob> => openAsBlob(file);

/** Whether a name that was read is not UTF-8: then no path leads to it. */
const isNotUtf8 = (place: string): boolean => place.includes("\ufffd") && !existsSync(place);

const faultOf = (place: string): string => {
  if (isNotUtf8(place)) return "has a name that is not UTF-8; rename it, for example with convmv";
  return existsSync(place) ? "cannot be read" : "does not exist";
};

const isAddress = (text: string): boolean => /^https?:\/\//i.test(text);

const upload = async (
  { client, io, say }: Session,
  name: string,
  { title, tags, summary }: Fields,
): Promise<Added> => {
  const place = path.resolve(io.cwd, name);
  const file = await fileBlob(place).catch(() => {
    throw new UsageError(`${name} ${faultOf(place)}.`, "Give an archive, or an http(s) address.");
  });
  const body = { title, tags, summary };
  const sent = { file, filename: path.basename(name), body };
  const { id, filename, renamed, job } = await client.uploadArchive(sent);
  if (renamed) say(`${quoteText(renamed.from)} is ${quoteText(filename)} in the library: ${renamed.text}.`);
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

const addedColumns: Columns<Added> = { ID: "id", FILE: "filename" };

interface Failure {
  source: string;
  error: unknown;
}

const notAdded = (failures: Failure[], of: number): CommandFailed => {
  const lines = failures.map(({ source, error }) => `${source}: ${messageOf(error)}`);
  return new CommandFailed(
    [`${failures.length} of ${of} were not added.`, ...lines.map((line) => `  ${line}`)],
    "The others were added. Correct these, then add them again.",
  );
};

/** The archives in and below a folder, and the folders that cannot be entered for their names. */
const archivesBelow = async (folder: string): Promise<string[]> => {
  const entries = await readdir(folder, { withFileTypes: true });
  const found = entries.map((entry) => {
    const place = path.join(folder, entry.name);
    if (entry.isDirectory()) return isNotUtf8(place) ? place : archivesBelow(place);
    return isArchiveName(entry.name) ? place : [];
  });
  return (await Promise.all(found)).flat();
};

/** The archives in and below a folder, or the source itself. */
const archivesIn = async (io: Io, source: string): Promise<string[]> => {
  const place = path.resolve(io.cwd, source);
  if (isAddress(source) || !statSync(place, { throwIfNoEntry: false })?.isDirectory()) return [source];
  const archives = await archivesBelow(place);
  if (archives.length > 0) return archives.sort();
  throw new UsageError(
    `${source} contains no archive: no ${archiveExtensions.join(", ")} file.`,
    "Give files, or a folder that contains some.",
  );
};

/** The most archives that the undo of an addition names. */
const UNDONE = 20;

const sayUndoOfAdd = ({ say }: Session, added: readonly Added[]): void => {
  if (added.length > UNDONE) say("To undo: `hitagi library remove` takes these ids.");
  else if (added.length > 0) sayUndo(say, ["library", "remove", ...added.map(({ id }) => id)]);
};

/** Adds all sources; a failure does not stop the others. */
const add = async (session: Session, places: string[], options: Fields): Promise<void> => {
  const sources = (await Promise.all(places.map((place) => archivesIn(session.io, place)))).flat();
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
  session.print(added, () => table(session.io, addedColumns, added));
  sayUndoOfAdd(session, added);
  if (failures.length > 0) throw notAdded(failures, sources.length);
};

const columnsOf = (archives: readonly ArchiveMetadata[]): Columns<ArchiveMetadata> => {
  const short = shortIds(archives.map(({ arcid }) => arcid));
  return {
    ID: (a) => short(a.arcid),
    PAGES: (a) => (a.missing ? "missing" : a.pagecount),
    PATH: "file",
    TITLE: "title",
    TAGS: "tags",
  };
};

interface ListOptions extends Partial<PageOptions> {
  tag?: string;
  untagged?: boolean;
  folder?: string;
  missing?: boolean;
  sort?: ArchiveSort;
  desc?: boolean;
}

/** @param isAll whether the archives are the whole library */
const noteMissing = (session: Session, archives: readonly ArchiveMetadata[], isAll = false): void => {
  const missing = archives.filter((a) => a.missing).length;
  if (missing === 0) return;
  if (isAll && missing > 1 && missing === archives.length) {
    session.say(
      "The files of all archives are missing. Is the disk of the library mounted, and HITAGI_LIBRARY the right folder? `hitagi doctor` names it.",
    );
    return;
  }
  const files = missing > 1 ? `The files of ${missing} archives are` : "The file of one archive is";
  session.say(`${files} missing. Put them back, or delete their records with \`hitagi library remove\`.`);
};

const list = async (
  session: Session,
  words: string[],
  { tag, untagged, folder, missing, sort, desc, page, size }: ListOptions,
): Promise<void> => {
  const q = words.length > 0 ? words.join(" ") : undefined;
  const asked = { q, tag, untagged, folder, missing, sort, order: desc ? ("desc" as const) : undefined };
  const query = { check: true, ...asked };
  const isAll = Object.values(asked).every((value) => value === undefined);
  const empty = isAll
    ? "The library is empty. Add an archive with `hitagi library add <file>`."
    : "No archive matches.";
  if (page !== undefined || size !== undefined) {
    const found = await session.client.searchArchives({ query: { ...query, page, size } });
    session.printPage(found, columnsOf(found.items), empty);
    noteMissing(session, found.items);
    return;
  }
  const archives = await session.client.listArchives({ query });
  session.printTable(archives, columnsOf(archives), empty);
  noteMissing(session, archives, isAll);
};

const problemColumns: Columns<LibraryProblem> = { FILE: "file", KIND: "kind", REASON: "reason" };

const problems = async (session: Session): Promise<void> => {
  const { problems: found } = await session.client.listLibraryProblems({});
  session.printTable(found, problemColumns, "Every file of the library was taken in.");
};

const show = async (session: Session, archive: string): Promise<void> => {
  session.print(await findArchive(session.client, archive), (a) =>
    record({
      ID: a.arcid,
      Title: a.title,
      Tags: a.tags,
      Summary: a.summary,
      Path: a.file,
      File: a.missing ? "missing" : "there",
      Pages: a.pagecount,
      Size: sizeText(a.size),
      Added: a.added ? minuteText(a.added) : null,
    }),
  );
};

const edit = async (session: Session, archive: string, { title, tags, summary }: Fields): Promise<void> => {
  const id = await chooseArchive(session.client, archive);
  const before = await textsOf(session.client, id);
  await session.client.putArchiveMetadata({ params: { id }, body: { title, tags, summary } });
  await show(session, id);
  await sayUndoOfEdit(session, id, before);
};

const remove = async (session: Session, names: string[], options: { yes?: boolean }): Promise<void> => {
  const chosen = await Promise.all(names.map((name) => chooseArchive(session.client, name)));
  const ids = [...new Set(chosen)];
  const archives = `${ids.length} archive${ids.length > 1 ? "s" : ""}`;
  const what = `${archives} will be deleted with the files: ${names.join(", ")}.`;
  await confirm(session.io, { what, ask: "Delete them?", does: "delete them" }, options);
  const removed: { id: string; filename: string }[] = [];
  for (const id of ids) {
    const { filename } = await session.client.deleteArchive({ params: { id } });
    removed.push({ id, filename });
  }
  session.print(removed, () => removed.map((r) => `Deleted ${quoteText(r.filename)}.`));
};

const fieldOptions = (command: CliCommand): unknown =>
  command
    .option("--title <text>", "its title")
    .option("--tags <list>", "its tags, separated by commas")
    .option("--summary <text>", "its summary");

/** `hitagi library …`: the archives. */
export const libraryCommands = (program: CliCommand): void => {
  const library = program
    .local("library", "The archives that plugins work on.")
    .examples("hitagi library list");
  library
    .remote(
      "add <sources...>",
      "Add archives from files and folders, or from addresses with a download plugin.",
    )
    .examples("hitagi library add ./comic.cbz")
    .use(fieldOptions)
    .runRemote(add);
  library
    .remote("list", "List the archives, or those that have all words in their title, tags or path.")
    .examples(
      "hitagi library list",
      "hitagi library list night --tag artist: --sort title",
      "hitagi library list --untagged",
    )
    .argument("[words...]", "words of the title, the tags or the path")
    .option("--tag <tags>", "only archives with these tags, separated by commas; `artist:` is any artist")
    .option("--untagged", "only archives without tags")
    .option("--folder <folder>", "only archives in this folder of the library, or below it")
    .option("--missing", "only archives whose file is missing")
    .choice("--sort <field>", "sort by this, not in the order in which they were added", ArchiveSort.enum)
    .option("--desc", "in descending order")
    .option("--page <number>", "page number", wholeNumber(1))
    .option("--size <number>", "archives on a page, at most 1000", wholeNumber(1, 1000))
    .runRemote(list);
  library
    .remote("problems", "List the files that were not taken in or cannot be read, and why.")
    .examples("hitagi library problems")
    .runRemote(problems);
  library
    .remote("show", "Show one archive.")
    .examples("hitagi library show comic.cbz", "hitagi library show 0123abcd")
    .argument("<archive>", ARCHIVE_ARGUMENT)
    .runRemote(show);
  library
    .remote("edit", "Change an archive's metadata.")
    .examples('hitagi library edit comic.cbz --title "A title"')
    .argument("<archive>", ARCHIVE_ARGUMENT)
    .use(fieldOptions)
    .runRemote(edit);
  library
    .remote("remove", "Delete archives and their files.")
    .examples("hitagi library remove comic.cbz")
    .argument("<archives...>", `each by ${ARCHIVE_ARGUMENT}`)
    .option("-y, --yes", "do not ask")
    .runRemote(remove);
};
