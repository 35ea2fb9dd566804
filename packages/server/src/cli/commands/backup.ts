import { createReadStream, existsSync, statSync } from "node:fs";
import { open, rename, rm, stat } from "node:fs/promises";
import path from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { isHitagiError } from "@hitagi/contract";
import type { BackupManifest } from "../../backup/types.ts";
import { localTime } from "../../clock.ts";
import { readConfig } from "../../config/config.ts";
import { codeOf } from "../../disk/errno.ts";
import { makeFolder } from "../../disk/folders.ts";
import { loadUndici } from "../../net/undici.ts";
import type { CliCommand } from "../command.ts";
import { type ConnectionOptions, connect } from "../connection.ts";
import { CommandFailed } from "../failure.ts";
import { foreignFilesText, sizeText } from "../format.ts";
import type { Io } from "../io.ts";
import { bytesProgress } from "../progress-line.ts";
import { safeLine } from "../safe-text.ts";
import type { Session } from "../session.ts";

interface BackupOptions extends ConnectionOptions {
  library?: boolean;
  check?: boolean;
}

/** Whether a place is meant to be a folder: it is one, or is not there and has no ending, as `/backups` and `backups/`. */
const isFolder = (place: string, destination: string): boolean => {
  const found = statSync(place, { throwIfNoEntry: false });
  return found ? found.isDirectory() : /[\\/]$/.test(destination) || path.extname(place) === "";
};

/** The file to write; in a folder, a name with the time. Makes missing folders. @throws CommandFailed if it exists */
const fileFor = async ({ cwd }: Io, destination: string): Promise<string> => {
  const place = path.resolve(cwd, destination);
  const time = new Date().toISOString().slice(0, 19).replaceAll(":", "").replace("T", "-");
  const file = isFolder(place, destination) ? path.join(place, `hitagi-${time}.tar.gz`) : place;
  if (existsSync(file))
    throw new CommandFailed(`${file} already exists.`, "Choose another file, or a folder.");
  // A backup has secrets in it.
  await makeFolder(path.dirname(file), 0o700);
  return file;
};

/**
 * Requests the backup from the server. It uses undici 7, because with the fetch of Node 20 memory grows with the size of
 * the response, and large backups stalled on a busy machine.
 */
export const fetchBackup = async (io: Io, options: BackupOptions): Promise<Readable> => {
  const undici = await loadUndici();
  const client = await connect(io, options, undici.fetch as unknown as typeof fetch);
  const body = await client.makeBackup({ body: { library: options.library === true } });
  return Readable.fromWeb(body as Parameters<typeof Readable.fromWeb>[0]);
};

/** Gets the backup from the server, or makes it here if no server runs on this machine. */
const withBackup = async (
  session: Session,
  options: BackupOptions,
  use: (backup: Readable) => Promise<void>,
) => {
  const { io } = session;
  const library = options.library === true;
  try {
    return await use(await fetchBackup(io, options));
  } catch (error) {
    const elsewhere = options.server ?? io.env.HITAGI_SERVER;
    if (elsewhere !== undefined || !isHitagiError(error, "SERVER_UNREACHABLE")) throw error;
    const config = readConfig({ data: options.data }, io.env);
    const { backUpStoppedServer, hasServerData } = await import("../../backup/stopped-server.ts");
    if (!hasServerData(config)) throw error;
    session.say("No server runs. Backing up its folders directly.");
    return backUpStoppedServer(config, library, use);
  }
};

const summary = ({ files, parts, left_out }: BackupManifest) => ({
  files: files.length,
  bytes: files.reduce((sum, { size }) => sum + size, 0),
  library: parts.includes("library"),
  ...(left_out && { left_out }),
});

/** What of the library is not in the backup, a line each; none if all is. */
const leftOutLines = ({ left_out }: BackupManifest): string[] => {
  if (left_out === undefined) return [];
  const { count, first } = left_out;
  const more = count > first.length ? [`  and ${count - first.length} more`] : [];
  return [
    `It does not have ${count} ${count === 1 ? "file or folder" : "files and folders"} of the library:`,
    ...first.map(({ path, reason }) => `  ${JSON.stringify(path)}: ${safeLine(reason)}`),
    ...more,
  ];
};

const contents = (manifest: BackupManifest): string => {
  const { files, bytes, library } = summary(manifest);
  return `${files} files, ${sizeText(bytes)}${library ? ", archives included" : ", without the archives"}`;
};

/** Writes the backup to a `.part` file, checks it, then renames it. */
const write = async (session: Session, destination: string, options: BackupOptions): Promise<void> => {
  const file = await fileFor(session.io, destination);
  const part = `${file}.part`;
  const { checkBackup } = await import("../../backup/unpack.ts");
  try {
    const target = (await open(part, "wx", 0o600)).createWriteStream({ flush: true });
    try {
      await withBackup(session, options, (backup) =>
        pipeline(backup, bytesProgress(session.io, "Received"), target),
      );
    } finally {
      target.destroy();
    }
    const { manifest } = await checkBackup(createReadStream(part));
    await rename(part, file);
    const { size } = await stat(file);
    const data = { file, size, created: manifest.created, ...summary(manifest) };
    session.print(data, () => [
      `Wrote ${file} (${sizeText(size)}) and checked it: ${contents(manifest)}.`,
      ...leftOutLines(manifest),
    ]);
  } catch (error) {
    if (codeOf(error) !== "EEXIST") await rm(part, { force: true });
    throw error;
  }
};

const check = async ({ io, print }: Session, file: string): Promise<void> => {
  const { checkBackup } = await import("../../backup/unpack.ts");
  const { manifest, foreign } = await checkBackup(createReadStream(path.resolve(io.cwd, file)));
  const { created, hitagi } = manifest;
  const complete = `Complete: made ${localTime(created)} by Hitagi ${hitagi}, ${contents(manifest)}.`;
  print({ created, hitagi, ...summary(manifest), foreign }, () => [
    complete,
    ...leftOutLines(manifest),
    ...(foreign.length === 0 ? [] : [foreignFilesText("A restore leaves out", foreign)]),
  ]);
};

const backup = (session: Session, file: string, options: BackupOptions): Promise<void> =>
  options.check ? check(session, file) : write(session, file, options);

/** `hitagi backup`: all data of a running server in one file. */
export const backupCommand = (program: CliCommand): void => {
  program
    .remote(
      "backup <file>",
      "Write all data of the server, including secrets, to one .tar.gz file, while it runs. In a folder, which is made if it is missing, the file gets a name with the time.",
    )
    .examples(
      "hitagi backup /backups",
      "hitagi backup everything.tar.gz --library",
      "hitagi backup --check /backups/hitagi-2026-11-22-131500.tar.gz",
    )
    .option("--library", "include the archives")
    .option("--check", "only check an existing backup")
    .runRemote(backup);
};
