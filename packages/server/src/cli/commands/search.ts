import {
  ApiError,
  type AskedPermission,
  askedPermissions,
  type OfferedPlugin,
  PluginType,
  toNamespace,
} from "@hitagi/contract";
import type { CliCommand } from "../command.ts";
import { failureText } from "../failure.ts";
import { chooseRegistry } from "../lookup.ts";
import type { PageOptions, Session } from "../session.ts";
import type { Columns } from "../table.ts";

interface SearchOptions extends PageOptions {
  registry?: string;
  type?: PluginType;
  installed?: boolean;
  updates?: boolean;
  asks?: AskedPermission;
}

const find = async ({ client }: Session, words: string[], options: SearchOptions) => {
  const { registry, type, installed, updates: update, asks, page, size } = options;
  const query = { q: words.join(" ") || undefined, type, installed, update, asks, page, size };
  if (registry === undefined) return client.searchAvailable({ query });
  const { id } = await chooseRegistry(client, registry);
  return client.listOffered({ params: { id }, query });
};

/** Why a plugin that is searched by its namespace is not found: its keeper yanked all its versions. Empty for another reason. */
const yankedLines = async ({ client }: Session, words: readonly string[]): Promise<string[]> => {
  const [namespace = "", another] = words;
  if (another !== undefined || !/^[\w-]{1,128}$/.test(namespace)) return [];
  try {
    await client.getAvailable({ params: { namespace: toNamespace(namespace) } });
    return [];
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return error.code === "PLUGIN_YANKED" ? [failureText(error), `hint: ${error.hint}`] : [];
  }
};

const search = async (session: Session, words: string[], options: SearchOptions): Promise<void> => {
  const found = await find(session, words, options);
  const columns: Columns<OfferedPlugin> = {
    NAMESPACE: "namespace",
    TYPE: "type",
    VERSION: "version",
    INSTALLED: "installed",
    UPDATE: "update",
    REGISTRY: "registryName",
    DESCRIPTION: "description",
  };
  session.printPage(found, columns, "Nothing found.");
  if (found.total === 0) session.say(await yankedLines(session, words));
};

/** `hitagi search`: searches the registries. */
export const searchCommand = (program: CliCommand): void => {
  program
    .remote("search [words...]", "Search the plugins that registries offer.")
    .examples("hitagi search comic --type metadata", "hitagi search --updates")
    .option("--registry <registry>", "only this registry, by id or name")
    .choice("--type <type>", "only plugins of this type", PluginType.enum)
    .option("--installed", "only installed plugins")
    .option("--updates", "only plugins with an update")
    .choice(
      "--asks <permission>",
      "only plugins that ask for this, or for none, as their keepers say",
      askedPermissions,
    )
    .pages(50)
    .runRemote(search);
};
