import { rmdir } from "node:fs/promises";
import path from "node:path";
import { exists } from "../../disk/files.ts";
import { holds } from "../../disk/folders.ts";
import type { CliCommand } from "../command.ts";
import { askYesNo } from "../confirm.ts";
import { inDialogue } from "../dialogue.ts";
import { UsageError } from "../failure.ts";
import { type Io, isInteractive } from "../io.ts";
import type { Printer } from "../session.ts";
import { hasSigningKey, type SigningKeyOptions } from "../signing-key.ts";
import { planInit } from "./registry-init.ts";
import { checkNew, keyLines, makeKeys } from "./registry-keygen.ts";

/** What the first publication of a registry makes before it builds: the folder, and the keys. */
export interface FirstOptions extends SigningKeyOptions {
  from?: string;
  name?: string;
  newKey?: string;
  origin?: string;
  recoveryOut?: string;
  dryRun?: boolean;
  /** Where it is published to, which may be a folder. */
  to?: string;
}

export const firstOptions = (command: CliCommand): unknown =>
  command
    .option("--from <folder>", "make the registry first, of the plugins of this folder")
    .option("--name <name>", "its name for --from; by default that of its folder")
    .option("--new-key <file>", "make the keys first, the signing key in this new file outside of the folder")
    .option(
      "--origin <name>",
      "the registry's name in the keys, such as example.org/plugins; it never changes",
    )
    .option("--recovery-out <file>", "new file for the words of the recovery key, in place of the terminal");

const ORIGIN = "The registry's name in its keys, such as example.org/plugins. It never changes:";

/** Asks whether the registry of a first publication gets keys, and in which file. @returns undefined for none */
const askForKey = async (io: Io, options: FirstOptions): Promise<string | undefined> => {
  const { from, newKey } = options;
  if (newKey !== undefined || from === undefined || hasSigningKey(io, options) || !isInteractive(io))
    return newKey;
  const wants = await askYesNo(io, "Make keys that sign it, so that nobody can change it unseen?");
  if (!wants) return undefined;
  const file = await inDialogue(io, ({ ask }) =>
    ask("A new file for the signing key, outside of the folder:"),
  );
  return file.trim() || undefined;
};

/** The name in the keys. @throws UsageError without a terminal */
const originOf = async (io: Io, { origin }: FirstOptions): Promise<string> => {
  if (origin !== undefined) return origin;
  if (isInteractive(io)) return (await inDialogue(io, ({ ask }) => ask(ORIGIN))).trim();
  throw new UsageError(
    "The registry's name in its keys is missing.",
    "Give it with --origin, such as example.org/plugins.",
  );
};

/** @throws UsageError for what is there already, or cannot be tried */
const checkFirst = async (
  io: Io,
  folder: string,
  place: string,
  { from, newKey, recoveryOut, dryRun, to }: FirstOptions,
): Promise<void> => {
  const { HEAD_FILE } = await import("../../keeper/registry-files.ts");
  const { isFolderPlace, SETTINGS_FILE } = await import("../../keeper/keeper-settings.ts");
  if (dryRun)
    throw new UsageError(
      "Keys and a new registry are not tried with --dry-run.",
      "Make them with `hitagi registry keygen` and `hitagi registry init`, then try the publication.",
    );
  if (from !== undefined && (await exists(path.join(folder, SETTINGS_FILE))))
    throw new UsageError(
      `${place} is a registry already.`,
      `Take plugins in with \`hitagi registry add FILE --dir ${place}\`, and publish it without --from.`,
    );
  if (newKey === undefined) return;
  await checkNew(io, newKey);
  if (await exists(path.join(folder, HEAD_FILE)))
    throw new UsageError(
      `${place} is signed already, and other keys would make another registry of it.`,
      "Give --key FILE. For a lost key there is `hitagi registry recover`.",
    );
  const isIn = (open: string, file: string) => holds(open, path.resolve(io.cwd, file));
  for (const file of [newKey, recoveryOut]) {
    if (file === undefined) continue;
    if (isIn(folder, file))
      throw new UsageError(
        `${file} is in the registry's folder, which everybody can read.`,
        "Name a file outside of it.",
      );
    if (to !== undefined && isFolderPlace(to) && isIn(path.resolve(io.cwd, to), file))
      throw new UsageError(
        `${file} is in the folder that is published to, which everybody can read.`,
        "Name a file outside of it.",
      );
  }
};

/**
 * Makes what a first publication needs: the keys, then the folder with the plugins of another one.
 * @returns the file of the signing key; undefined where none was made
 * @throws CommandFailed, UsageError, KeeperError; then no folder is left that was not there
 */
export const makeFirst = async (
  printer: Printer,
  place: string,
  folder: string,
  options: FirstOptions,
): Promise<string | undefined> => {
  const { io, say } = printer;
  const { from, name = path.basename(folder), recoveryOut } = options;
  if (from === undefined && options.newKey === undefined) return undefined;
  await checkFirst(io, folder, place, options);
  const newKey = await askForKey(io, options);
  if (newKey !== options.newKey) await checkFirst(io, folder, place, { ...options, newKey });
  const isNew = !(await exists(folder));
  const planned = from === undefined ? undefined : await planInit(printer, folder, { name, from });
  try {
    if (newKey !== undefined) {
      const origin = await originOf(io, options);
      say(keyLines(await makeKeys(io, { origin, out: newKey, recoveryOut })));
    }
  } catch (error) {
    if (isNew && planned) await rmdir(folder);
    throw error;
  }
  if (planned) {
    const { writeRegistryFiles } = await import("../../keeper/write-files.ts");
    await writeRegistryFiles(folder, planned.files);
  }
  return newKey;
};
