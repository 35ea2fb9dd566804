import { type OfferedPlugin, PluginType } from "@hitagi/contract";
import { type Command, Option } from "commander";
import { serverCommand } from "../define-command.ts";
import type { Io } from "../io.ts";
import { noteNextPage, type PageOptions, withPages } from "../paging.ts";
import { chooseRegistry, registryNames } from "../registry-choice.ts";
import { type Session, withSession } from "../session.ts";
import { table } from "../table.ts";

interface SearchOptions extends PageOptions {
  registry?: string;
  type?: PluginType;
  installed?: boolean;
  updates?: boolean;
}

/** The option for a plugin type. */
export const typeOption = (): Option =>
  new Option("--type <type>", "only plugins of this type").choices(PluginType.enum);

const find = async ({ client }: Session, words: string[], options: SearchOptions) => {
  const { registry, type, installed, updates: update, page, size } = options;
  const query = { q: words.join(" ") || undefined, type, installed, update, page, size };
  if (registry === undefined) return client.searchAvailable({ query });
  const { id } = await chooseRegistry(client, registry);
  return client.listOffered({ params: { id }, query });
};

const search = async (session: Session, words: string[], options: SearchOptions): Promise<void> => {
  const { total, page, size, items } = await find(session, words, options);
  const nameOf = await registryNames(session.client);
  const row = (p: OfferedPlugin) => [
    p.namespace,
    p.type,
    p.version,
    p.installed,
    p.update,
    nameOf(p.registry),
    p.description,
  ];
  const head = ["NAMESPACE", "TYPE", "VERSION", "INSTALLED", "UPDATE", "REGISTRY", "DESCRIPTION"];
  session.print({ total, page, size, items }, () =>
    items.length > 0 ? table(session.io, head, items.map(row)) : "Nothing found.",
  );
  noteNextPage(session, { page, size, total, items });
};

/** `hitagi search`: searches the registries. */
export const searchCommand = (program: Command, io: Io): void => {
  withPages(
    serverCommand(
      program,
      "search [words...]",
      "Search the plugins that registries offer.",
      "hitagi search comic --type metadata",
      "hitagi search --updates",
    )
      .option("--registry <registry>", "only this registry, by id or name")
      .addOption(typeOption())
      .option("--installed", "only installed plugins")
      .option("--updates", "only plugins with an update"),
    50,
  ).action(withSession(io, search));
};
