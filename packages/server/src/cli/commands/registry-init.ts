import { rmdir } from "node:fs/promises";
import path from "node:path";
import type { CliCommand } from "../command.ts";
import { CommandFailed } from "../failure.ts";
import type { Printer } from "../session.ts";
import { addedLines, planAdded } from "./registry-add-files.ts";
import { noteLoose } from "./registry-build.ts";

export interface InitOptions {
  name: string;
  description?: string;
  homepage?: string;
  contact?: string;
  address?: string;
  publish?: string;
  from?: string;
}

/** A folder as keeper.json has it: relative to its own folder, unless it was given as absolute. */
const publishIn = (folder: string, cwd: string, given: string): string =>
  path.isAbsolute(given)
    ? given
    : path.relative(folder, path.resolve(cwd, given)).replaceAll(path.sep, "/") || ".";

/**
 * The plugins of another folder, loaded as a build would load them in a folder that may not be there yet.
 * @throws CommandFailed if it has none, or one cannot be published; then no folder is left
 */
const planFrom = async ({ io }: Printer, folder: string, from: string) => {
  const [{ pluginFiles }, { exists }, { makeFolder }] = await Promise.all([
    import("../../kit/files.ts"),
    import("../../disk/files.ts"),
    import("../../disk/folders.ts"),
  ]);
  const given = await pluginFiles(path.resolve(io.cwd, from));
  if (given.length === 0)
    throw new CommandFailed(`There is no plugin in ${from}.`, "Name a folder with plugin files.");
  const isNew = !(await exists(folder));
  await makeFolder(folder);
  try {
    return await planAdded(io, folder, given);
  } catch (error) {
    if (isNew) await rmdir(folder);
    throw error;
  }
};

/** The files of a new registry, with the plugins of another folder. Nothing is written. @throws CommandFailed, KeeperError */
export const planInit = async (printer: Printer, folder: string, options: InitOptions) => {
  const { io } = printer;
  const [{ planNewRegistry }, { checkKeeperSettings, isFolderPlace }] = await Promise.all([
    import("../../keeper/build/new-registry.ts"),
    import("../../keeper/keeper-settings.ts"),
  ]);
  const { name, description, homepage, contact, address, publish, from } = options;
  const publishTo =
    publish !== undefined && isFolderPlace(publish) ? publishIn(folder, io.cwd, publish) : publish;
  const given = { name, description, homepage, contact, address, publish: publishTo };
  const set = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const files = await planNewRegistry(folder, checkKeeperSettings(set));
  const plan = from === undefined ? undefined : await planFrom(printer, folder, from);
  return { plan, files: [...files, ...(plan?.files ?? [])] };
};

const init = async (printer: Printer, place: string, options: InitOptions): Promise<void> => {
  const { io, print } = printer;
  const folder = path.resolve(io.cwd, place);
  const { writeRegistryFiles } = await import("../../keeper/write-files.ts");
  const { plan, files: written } = await planInit(printer, folder, options);
  const { name } = options;
  await writeRegistryFiles(folder, written);
  print({ folder, files: written.map(({ file }) => file) }, () => [
    `${name} is in ${place}.`,
    plan
      ? addedLines(plan, place)
      : `Put plugins into it with \`hitagi registry add FILE --dir ${place}\`, then \`hitagi registry build ${place}\`.`,
  ]);
  await noteLoose(printer, place, folder);
};

/** `hitagi registry init`: a folder for a registry. */
export const registryInitCommand = (registry: CliCommand): void => {
  registry
    .local(
      "init <folder>",
      "Make a folder for a registry, or make one of a folder with plugins. Needs no server.",
    )
    .examples(
      "hitagi registry init ./my-registry --name 'My plugins'",
      "hitagi registry init ./my-registry --name 'My plugins' --from ./plugins",
    )
    .requiredOption("--name <name>", "its name, which owners see")
    .option("--description <text>", "what it offers")
    .option("--homepage <address>", "a web page about it")
    .option("--contact <text>", "how owners reach you: a mail address, or a page")
    .option("--address <address>", "where owners will reach it, once it is published")
    .option("--publish <place>", "where `publish` puts it: `git`, or a folder")
    .option("--from <folder>", "put the plugins of this folder into it")
    .option("--json", "print the data as JSON")
    .runLocal(init);
};
