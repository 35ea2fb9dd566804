import type { FileHandle } from "node:fs/promises";
import path from "node:path";
import { redact } from "@hitagi/contract";
import { asOwnerOf } from "../../backup/as-owner.ts";
import type { StoredRestore } from "../../backup/waiting.ts";
import { localTime } from "../../clock.ts";
import { type Config, readConfig } from "../../config/config.ts";
import { isMissing } from "../../disk/errno.ts";
import { NotRegularError, openRegular } from "../../disk/regular-files.ts";
import type { CliCommand } from "../command.ts";
import { confirm } from "../confirm.ts";
import { CommandFailed, UsageError } from "../failure.ts";
import { foreignFilesText, sizeText } from "../format.ts";
import type { Io } from "../io.ts";
import { bytesProgress } from "../progress-line.ts";
import { safeLine } from "../safe-text.ts";
import type { Printer } from "../session.ts";

interface RestoreOptions {
  data?: string;
  plugins?: string;
  library?: string;
  store?: string;
  force?: boolean;
  undo?: boolean;
  discard?: boolean;
  waiting?: boolean;
  cancel?: boolean;
  yes?: boolean;
}

const DAMAGED =
  "The current database is damaged. It is set aside, but `hitagi restore --undo` will not be able to put it back.";

const UNDO = "`hitagi restore --undo` puts it back, `hitagi restore --discard` deletes it.";

const DISCARD = "its database is damaged, so no undo puts it back. `hitagi restore --discard` deletes it.";

const OTHER_KEY =
  "The restore brought another API key back. If you changed that key because it leaked, change it again: `hitagi key rotate`.";

const TRUST_LOST =
  "The replaced database could not be read, so the accepted heads of signed registries are those of the restored one. Refresh the registries, and compare with another server: `hitagi registry compare`.";

const configOf = ({ env }: Io, { data, plugins, library, store }: RestoreOptions): Config =>
  readConfig({ data, plugins, library, store }, env);

/** Opens a backup, and closes it after the work. @throws CommandFailed */
const withFile = async <T>(
  file: string,
  work: (opened: FileHandle, size: number) => Promise<T>,
): Promise<T> => {
  const opened = await openRegular(file, true).catch((e: unknown) => {
    if (!isMissing(e) && !(e instanceof NotRegularError)) throw e;
    throw new CommandFailed(`There is no file ${file}.`, "Give a file that `hitagi backup` made.");
  });
  return work(opened, (await opened.stat()).size).finally(() => opened.close());
};

const restore = async (
  { io, print, say }: Printer,
  backupFile: string,
  options: RestoreOptions,
): Promise<void> => {
  const file = path.resolve(io.cwd, backupFile);
  const config = configOf(io, options);
  const { readWaiting } = await import("../../backup/waiting.ts");
  const waited = await readWaiting(config);
  const { whileStopped } = await import("../../backup/stopped-server.ts");
  const { restoreBackup } = await import("../../backup/restore.ts");
  const { manifest, foreign, previous, otherKey, trustKept, wasDamaged } = await withFile(
    file,
    (opened, size) =>
      whileStopped(config, (deps) =>
        restoreBackup(deps, opened, {
          force: options.force === true,
          by: "cli",
          onDamaged: () => say(DAMAGED),
          progress: bytesProgress(io, "Restored", size),
        }),
      ),
  );
  const { created, hitagi, files, parts } = manifest;
  const bytes = files.reduce((sum, f) => sum + f.size, 0);
  const into = config.store.startsWith("sqlite:") ? "" : ` into ${redact(config.store)}`;
  const head = `Restored ${files.length} files, ${sizeText(bytes)},${into} as they were at ${localTime(created)} (Hitagi ${hitagi}).`;
  const lines = [
    head,
    foreign.length > 0 && foreignFilesText("Left out", foreign),
    otherKey && OTHER_KEY,
    waited !== undefined && "The restore that waited for the next start was cancelled.",
    !trustKept && TRUST_LOST,
    previous !== undefined && `The previous data is set aside as ${previous}: ${wasDamaged ? DISCARD : UNDO}`,
  ].filter((line) => line !== false);
  print(
    {
      created,
      hitagi,
      parts,
      files: files.length,
      bytes,
      foreign,
      aside: previous ?? null,
      otherKey,
      trustKept,
      wasDamaged,
    },
    () => lines,
  );
};

/** What waits for the next start, in words. */
const waitingText = ({ state, backup, failure }: StoredRestore): string[] => {
  const what = backup
    ? `the backup of ${localTime(backup.created)} (Hitagi ${backup.hitagi}, ${backup.files} files, ${sizeText(backup.bytes)})`
    : "the data that the last restore set aside";
  const why = failure ? [`  ${safeLine(failure.message)}`, `  ${safeLine(failure.hint)}`] : [];
  const head = {
    checked: `Sent and not confirmed: ${what}. Confirm it on the page.`,
    waiting: `The next start of the server restores ${what}. To take it back: \`hitagi restore --cancel\`.`,
    failed: `A start of the server could not restore ${what}:`,
  };
  return [head[state], ...why];
};

const showWaiting = async ({ io, print }: Printer, options: RestoreOptions): Promise<void> => {
  const { readWaiting, shownRestore } = await import("../../backup/waiting.ts");
  const found = await readWaiting(configOf(io, options));
  print({ restore: found ? shownRestore(found) : null }, () =>
    found ? waitingText(found) : "No restore waits.",
  );
};

const cancel = async ({ io, print }: Printer, options: RestoreOptions): Promise<void> => {
  const { clearWaiting, readWaiting, shownRestore, withWaiting } = await import("../../backup/waiting.ts");
  const config = configOf(io, options);
  const found = await readWaiting(config);
  if (found) await asOwnerOf(config.data, () => withWaiting(config, () => clearWaiting(config)));
  print({ cancelled: found ? shownRestore(found) : null }, () =>
    found ? "The restore was cancelled: the next start of the server restores nothing." : "No restore waits.",
  );
};

const undo = async ({ io, print, say }: Printer, options: RestoreOptions): Promise<void> => {
  const { whileStopped } = await import("../../backup/stopped-server.ts");
  const { undoRestore } = await import("../../backup/restore.ts");
  const { previous, otherKey, trustKept, wasDamaged } = await whileStopped(configOf(io, options), (deps) =>
    undoRestore(deps, { by: "cli", onDamaged: () => say(DAMAGED) }),
  );
  const lines = [
    `The restore was undone. The restored data is set aside as ${previous}: ${wasDamaged ? DISCARD : UNDO}`,
    otherKey && OTHER_KEY,
    !trustKept && TRUST_LOST,
  ].filter((line) => line !== false);
  print({ aside: previous, otherKey, trustKept, wasDamaged }, () => lines);
};

const discard = async ({ io, print }: Printer, options: RestoreOptions): Promise<void> => {
  const { whileStopped } = await import("../../backup/stopped-server.ts");
  const { discardPreviousStates, listPreviousStates } = await import("../../backup/set-aside.ts");
  const discarded = await whileStopped(configOf(io, options), async ({ folders }) => {
    const names = await listPreviousStates(folders);
    if (names.length > 0) {
      const what = `The data that was set aside will be deleted: ${names.join(", ")}.`;
      await confirm(io, { what, ask: "Delete it?", does: "delete it" }, options);
    }
    await discardPreviousStates(folders);
    return names;
  });
  print({ discarded }, () =>
    discarded.length > 0 ? `Deleted ${discarded.join(", ")}.` : "Nothing was set aside.",
  );
};

const run = async (printer: Printer, file: string | undefined, options: RestoreOptions): Promise<void> => {
  if (options.waiting) return showWaiting(printer, options);
  if (options.cancel) return cancel(printer, options);
  if (options.undo) return undo(printer, options);
  if (options.discard) return discard(printer, options);
  if (file !== undefined) return restore(printer, file, options);
  throw new UsageError("No backup was given.", "Give its file: `hitagi restore <file>`.");
};

/** `hitagi restore`: restores a backup. */
export const restoreCommand = (program: CliCommand): void => {
  program
    .local(
      "restore [file]",
      "Restore a backup while the server is stopped. The backup is checked first, and existing data is set aside.",
    )
    .examples(
      "hitagi restore /backups/hitagi-2026-11-22-131500.tar.gz --data /srv/hitagi",
      "hitagi restore --undo",
      "hitagi restore --cancel",
    )
    .option("--data <folder>", "data folder of the server (HITAGI_DATA; default ./data)")
    .option("--plugins <folder>", "its folder of plugins, if set (HITAGI_PLUGINS)")
    .option("--library <folder>", "its folder of archives, if set (HITAGI_LIBRARY)")
    .option("--store <place>", "its store, if set (HITAGI_STORE)")
    .option("--force", "replace existing data, which is set aside")
    .option("--undo", "put back the data that the last restore set aside")
    .option(
      "--waiting",
      "show the restore that the next start of the server carries out, as asked for on the page",
    )
    .option("--cancel", "take back the restore that waits for the next start")
    .option("--discard", "delete the data that restores set aside")
    .option("--yes", "do not ask")
    .option("--json", "print the data as JSON")
    .runLocal(run);
};
