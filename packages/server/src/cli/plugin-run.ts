import { readFile } from "node:fs/promises";
import path from "node:path";
import type { Manifest, ParameterValue } from "@hitagi/contract";
import type { KitArchive } from "../kit/types.ts";
import { type CliCommand, connectionOptions } from "./command.ts";
import { CommandFailed, UsageError } from "./failure.ts";
import type { Io } from "./io.ts";
import { ARCHIVE_ARGUMENT } from "./lookup.ts";
import type { ArchiveOptions } from "./run-archives.ts";

/** The options of commands that run a plugin file. They need a server only for its archives. */
export interface PluginRunOptions extends ArchiveOptions {
  arg?: string;
  url?: string;
  set?: string[];
  settings?: string;
}

const collect = (value: string, all: string[] = []): string[] => [...all, value];

export const pluginRunOptions = (command: CliCommand): unknown =>
  command
    .option(
      "--archive <file>",
      "an archive to run it on, and further ones after it; may be repeated",
      collect,
    )
    .option(
      "--archive-id <archive>",
      `an archive of a running server, which is only read: ${ARCHIVE_ARGUMENT}; may be repeated`,
      collect,
    )
    .option("--search <words>", "the first 9 archives of a running server that have all these words")
    .option("--arg <text>", "its one-shot argument")
    .option("--url <address>", "the address, for a download plugin")
    .option("--set <name=value>", "the value of a setting; may be repeated", collect)
    .option("--settings <file>", "a JSON file with the values of settings, for secrets")
    .use(connectionOptions);

/** The options with the archives that stand beside them: after `--archive a.cbz`, a second name is an argument. */
export const withArchives = <O extends PluginRunOptions>(options: O, more: readonly string[]): O =>
  more.length === 0 ? options : { ...options, archive: [...(options.archive ?? []), ...more] };

/** @throws UsageError; CommandFailed for a setting that the manifest does not declare */
const fromText = (text: string, { namespace, parameters = {} }: Manifest): [string, ParameterValue] => {
  const at = text.indexOf("=");
  if (at < 1)
    throw new UsageError("A setting is given as name=value.", "For example: --set language=english");
  const [name, value] = [text.slice(0, at), text.slice(at + 1)];
  if (!Object.hasOwn(parameters, name)) {
    const names = Object.keys(parameters).join(", ");
    throw new CommandFailed(
      `${namespace} has no setting ${name}.`,
      names === "" ? "Declare it in `parameters` of its manifest." : `Its manifest declares: ${names}.`,
    );
  }
  const type = parameters[name]?.type;
  if (type === "bool") return [name, value === "true" || value === "1"];
  return [name, type === "int" ? Number(value) : value];
};

/** @throws CommandFailed for a file that is no JSON object; the file system's error */
const readSettings = async (file: string): Promise<Record<string, ParameterValue>> => {
  const text = await readFile(file, "utf8");
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value))
      return value as Record<string, ParameterValue>;
  } catch {
    // The message is the same.
  }
  throw new CommandFailed(
    `${file} holds no JSON object.`,
    'Write the settings like this: { "language": "english" }',
  );
};

/** The values of settings that the options name. */
export const settingsOf = async (
  io: Io,
  manifest: Manifest,
  { set = [], settings }: PluginRunOptions,
): Promise<Record<string, ParameterValue>> => ({
  ...(settings === undefined ? {} : await readSettings(path.resolve(io.cwd, settings))),
  ...Object.fromEntries(set.map((text) => fromText(text, manifest))),
});

/**
 * What a plugin is run on, one run each: a metadata plugin on each archive, any other once with all of them in its library.
 * @throws UsageError for a metadata plugin without an archive
 */
export const runTargets = (
  { type, namespace }: Manifest,
  archives: readonly KitArchive[],
  command: string,
): { archive?: KitArchive; library?: readonly KitArchive[] }[] => {
  if (type !== "metadata") return [{ library: archives }];
  if (archives.length > 0) return archives.map((archive) => ({ archive }));
  throw new UsageError(
    `${namespace} is a metadata plugin: it works on an archive.`,
    `Name one: \`hitagi ${command} --archive comic.cbz\`.`,
  );
};
