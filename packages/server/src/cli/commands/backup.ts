import { createWriteStream } from "node:fs";
import { access, rename, rm, stat } from "node:fs/promises";
import path from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { isHitagiError } from "@hitagi/contract";
import type { Command } from "commander";
import type { BackupManifest } from "../../backup/types.ts";
import { readConfig } from "../../config/config.ts";
import { codeOf } from "../../disk/errno.ts";
import { bytesProgress, sizeText } from "../bytes-progress.ts";
import { type ConnectionOptions, connect } from "../connection.ts";
import { CommandFailed } from "../failure.ts";
import type { Io } from "../io.ts";
import { leaf } from "../leaf.ts";
import { type Session, withSession } from "../session.ts";

interface BackupOptions extends ConnectionOptions {
  library?: boolean;
  check?: boolean;
}

const isThere = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );

const isFolder = (file: string): Promise<boolean> =>
  stat(file).then(
    (found) => found.isDirectory(),
    () => false,
  );

/** The file that is meant: in a folder one that is named after the time. @throws CommandFailed where it is there */
const fileFor = async ({ cwd }: Io, given: string): Promise<string> => {
  const place = path.resolve(cwd, given);
  const time = new Date().toISOString().slice(0, 19).replaceAll(":", "").replace("T", "-");
  const file = (await isFolder(place)) ? path.join(place, `hitagi-${time}.tar.gz`) : place;
  if (await isThere(file))
    throw new CommandFailed(`${file} is there already.`, "Name another file, or a folder.");
  return file;
};

/**
 * The backup from a server. Not by the platform's own fetch: with that of Node 20 the memory grows with what was read, and a
 * large backup on a busy machine came to a standstill; with undici 7 it stays the same.
 */
export const fetchBackup = async (io: Io, options: BackupOptions): Promise<Readable> => {
  const { fetch: send } = await import("undici");
  const client = await connect(io, options, send as unknown as typeof fetch);
  const body = await client.makeBackup({ body: { library: options.library === true } });
  return Readable.fromWeb(body as Parameters<typeof Readable.fromWeb>[0]);
};

/** The server makes the backup; where none runs on this machine, this process does. */
const handOn = async (session: Session, options: BackupOptions, use: (backup: Readable) => Promise<void>) => {
  const { io } = session;
  const library = options.library === true;
  try {
    return await use(await fetchBackup(io, options));
  } catch (error) {
    const elsewhere = options.server ?? io.env.HITAGI_SERVER;
    if (elsewhere !== undefined || !isHitagiError(error, "SERVER_UNREACHABLE")) throw error;
    const config = readConfig(options.data === undefined ? {} : { data: options.data }, io.env);
    const { backUpStoppedServer, hasServerData } = await import("../../backup/stopped-server.ts");
    if (!hasServerData(config)) throw error;
    session.say("No server runs; its folders are backed up as they lie.");
    return backUpStoppedServer(config, library, use);
  }
};

const summary = ({ files, parts }: BackupManifest) => ({
  files: files.length,
  bytes: files.reduce((sum, { size }) => sum + size, 0),
  library: parts.includes("library"),
});

const holds = (manifest: BackupManifest): string => {
  const { files, bytes, library } = summary(manifest);
  return `${files} files, ${sizeText(bytes)}${library ? ", archives included" : ", without the archives"}`;
};

/** Writes it beside its name, checks it, and only then gives it its name. */
const write = async (session: Session, given: string, options: BackupOptions): Promise<void> => {
  const file = await fileFor(session.io, given);
  const part = `${file}.part`;
  const { checkBackup } = await import("../../backup/unpack.ts");
  try {
    await handOn(session, options, (backup) =>
      pipeline(
        backup,
        bytesProgress(session.io, "Received"),
        createWriteStream(part, { flags: "wx", mode: 0o600, flush: true }),
      ),
    );
    const manifest = await checkBackup(part);
    await rename(part, file);
    const { size } = await stat(file);
    const data = { file, size, created: manifest.created, ...summary(manifest) };
    session.print(data, () => `Wrote ${file} (${sizeText(size)}) and checked it: ${holds(manifest)}.`);
  } catch (error) {
    if (codeOf(error) !== "EEXIST") await rm(part, { force: true });
    throw error;
  }
};

const check = async ({ io, print }: Session, given: string): Promise<void> => {
  const { checkBackup } = await import("../../backup/unpack.ts");
  const manifest = await checkBackup(path.resolve(io.cwd, given));
  const { created, hitagi } = manifest;
  print(
    { created, hitagi, ...summary(manifest) },
    () => `Whole: made ${created} by Hitagi ${hitagi}, ${holds(manifest)}.`,
  );
};

/** `hitagi backup`: everything that a server keeps in one file, while it works. */
export const backupCommand = (program: Command, io: Io): void => {
  leaf(
    program,
    "backup <file>",
    "Write everything that the server keeps, secrets included, into one .tar.gz, while it works; into a folder under a name of its own.",
    "hitagi backup /backups",
    "hitagi backup everything.tar.gz --library",
    "hitagi backup --check /backups/hitagi-2026-11-22-131500.tar.gz",
  )
    .option("--library", "with the archives themselves")
    .option("--check", "only check a backup that was made")
    .action(async (...given: unknown[]) => {
      const command = given.at(-1) as Command;
      const options = command.optsWithGlobals<BackupOptions>();
      const run = (session: Session, file: string) =>
        options.check === true ? check(session, file) : write(session, file, options);
      await withSession(io, run)(...given);
    });
};
