import path from "node:path";
import { type PluginType, pluginTypes } from "@hitagi/contract";
import type { NewPlugin } from "../../kit/scaffold/plugin-source.ts";
import type { CliCommand } from "../command.ts";
import { type Dialogue, inDialogue } from "../dialogue.ts";
import { CommandFailed, UsageError } from "../failure.ts";
import { isInteractive } from "../io.ts";
import type { Printer } from "../session.ts";

interface NewOptions {
  type?: PluginType;
  dir?: string;
  net?: string[];
  update?: boolean;
}

/** @throws UsageError */
const assertName = (name: string): void => {
  if (/^[a-z0-9][a-z0-9_-]{0,127}$/.test(name)) return;
  throw new UsageError(
    `${name} is no namespace for a plugin.`,
    "Use lower-case letters, digits, - and _, such as site-tags. It is the plugin's identity, and does not change.",
  );
};

const HOST = /^(\*\.)?[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]{1,5})?$/;

/** @throws UsageError */
const assertHosts = (hosts: readonly string[]): void => {
  const wrong = hosts.find((host) => !HOST.test(host));
  if (wrong === undefined) return;
  throw new UsageError(
    `${wrong} is no host.`,
    "Give a name without https:// and without a path, such as api.example.org or *.example.org.",
  );
};

/** @throws UsageError */
const assertType = (text: string): PluginType => {
  const type = pluginTypes.find((one) => one === text);
  if (type !== undefined) return type;
  throw new UsageError(`${text} is no type of a plugin.`, `Use ${pluginTypes.join(", ")}.`);
};

/** Asks for what the options leave open. Hosts are asked for only with the name. @throws UsageError */
const askFor = async ({ ask }: Dialogue, name: string | undefined, { type, net }: NewOptions) => {
  const answer = async (question: string) => (await ask(question)).trim();
  const namespace = name ?? (await answer("Name (lower case, such as site-tags):"));
  assertName(namespace);
  const chosen = type ?? assertType(await answer(`Type (${pluginTypes.join(", ")}):`));
  const hosts = async () =>
    (await answer("Hosts that it asks (none, or with spaces between):")).split(/[\s,]+/);
  return { namespace, type: chosen, net: net ?? (name === undefined ? await hosts() : []) };
};

/** The new plugin, asked for in a terminal where the options leave it open. @throws UsageError */
const complete = async (
  { io }: Printer,
  name: string | undefined,
  options: NewOptions,
): Promise<NewPlugin> => {
  const { type, net = [] } = options;
  const isWhole = name !== undefined && type !== undefined;
  if (!isWhole && !isInteractive(io))
    throw new UsageError(
      `${name === undefined ? "No name" : "No type"} was given.`,
      "For example: hitagi new site-tags --type metadata --net api.example.org",
    );
  const given = isWhole
    ? { namespace: name, type, net }
    : await inDialogue(io, (dialogue) => askFor(dialogue, name, options));
  assertName(given.namespace);
  const hosts = given.net.filter(Boolean);
  assertHosts(hosts);
  return { ...given, net: hosts };
};

const update = async (printer: Printer, folder: string): Promise<void> => {
  const { updateScaffold } = await import("../../kit/scaffold/migrations.ts");
  const updated = await updateScaffold(folder);
  printer.print({ dir: folder, ...updated }, ({ done, left }) => [
    ...done.map((what) => `Done: ${what}.`),
    ...left.map(
      (file) => `Left ${file}, which was edited: compare it with the one that \`hitagi new\` writes.`,
    ),
  ]);
};

const create = async (printer: Printer, name: string | undefined, options: NewOptions): Promise<void> => {
  const { io } = printer;
  if (options.update) return update(printer, path.resolve(io.cwd, options.dir ?? name ?? "."));
  const plugin = await complete(printer, name, options);
  const folder = path.resolve(io.cwd, options.dir ?? plugin.namespace);
  const { writeNewPlugin, FolderInUse } = await import("../../kit/scaffold/new-plugin.ts");
  const files = await writeNewPlugin(plugin, folder).catch((error: unknown) => {
    if (!(error instanceof FolderInUse)) throw error;
    throw new CommandFailed(
      error.message,
      "Name another folder with --dir. To bring an older plugin up to date, use --update.",
    );
  });
  const place = path.relative(io.cwd, folder) || ".";
  const archive = plugin.type === "metadata" ? " --archive samples/comic.cbz" : "";
  printer.print({ dir: folder, files }, () => [
    `Wrote ${plugin.namespace} to ${place}:`,
    ...files.map((file) => `  ${file}`),
    "Next:",
    `  cd ${place}`,
    `  hitagi dev ${plugin.namespace}.ts${archive}`,
    "  npm test",
  ]);
};

/** `hitagi new`: writes the folder of a new plugin, with a test that passes. Needs no server. */
export const newCommand = (program: CliCommand): void => {
  program
    .local("new [name]", "Write the folder of a new plugin, with a test that passes. Needs no server.")
    .examples(
      "hitagi new site-tags --type metadata --net api.example.org",
      "hitagi new my-script --type script --dir plugins/my-script",
      "hitagi new --update --dir site-tags",
    )
    .choice("--type <type>", "the type of the plugin", pluginTypes)
    .option("--dir <folder>", "the folder to write; by default one with the name of the plugin")
    .option("--net <hosts...>", "the hosts that it asks for")
    .option("--update", "bring the folder of an older plugin to the form of this version")
    .option("--json", "print the data as JSON")
    .runLocal(create);
};
