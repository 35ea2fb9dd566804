import { libraryAccesses, type Permissions } from "@hitagi/contract";
import { isPublicSuffixWildcard } from "../../net/public-suffix.ts";
import type { CliCommand } from "../command.ts";
import { confirm } from "../confirm.ts";
import { grantText, reachText } from "../format.ts";
import { wholeNumber } from "../option-values.ts";
import { serverPath } from "../server-path.ts";
import type { Session } from "../session.ts";
import { sayUndo } from "../undo.ts";

interface GrantOptions extends Omit<Permissions, "files"> {
  /** Paths; false to take all files away. */
  read?: string[] | false;
  none?: boolean;
  yes?: boolean;
}

/** The permissions of the options, or undefined for all that the plugin asks for. */
const partOf = ({ net, library, read, none }: GrantOptions, cwd: string): Permissions | undefined => {
  if (none) return {};
  const files = read === undefined ? undefined : (read || []).map((file) => serverPath(cwd, file));
  return net || library || files ? { net, library, ...(files && { files }) } : undefined;
};

/** The commands that grant what was granted before. Files alone leave all else as it is. */
const undoOf = (namespace: string, { net, library, files }: Permissions): string[][] => {
  const scopes = [...(net ? ["--net", ...net] : []), ...(library ? ["--library", library] : [])];
  const read = files ? ["--read", ...files] : [];
  if (scopes.length > 0) return [["grant", namespace, ...scopes, ...read]];
  const nothing = ["grant", namespace, "--none"];
  return read.length > 0 ? [nothing, ["grant", namespace, ...read]] : [nothing];
};

const grant = async (session: Session, namespace: string, options: GrantOptions): Promise<void> => {
  const params = { namespace };
  const broad = (options.net ?? []).filter(isPublicSuffixWildcard);
  if (broad.length > 0) {
    const meaning = `${namespace} could ${broad.map(reachText).join(", ")}, and send your data there.`;
    await confirm(session.io, { what: meaning, ask: "Grant it?", does: "grant this" }, options);
  }
  const body = { permissions: partOf(options, session.io.cwd) };
  const { plugin } = await session.client.getInstalled({ params });
  const { granted } = await session.client.grantPermissions({ params, body });
  session.print(granted, () => grantText(namespace, granted, plugin.confinement));
  if (JSON.stringify(granted) !== JSON.stringify(plugin.granted))
    sayUndo(session.say, ...undoOf(namespace, plugin.granted));
};

const enable = async (session: Session, namespace: string, options: { priority?: number }): Promise<void> => {
  const { priority } = options;
  const { plugin: before } = await session.client.getInstalled({ params: { namespace } });
  await session.client.configurePlugin({ params: { namespace }, body: { enabled: true, priority } });
  session.print({ namespace, enabled: true }, () => `${namespace} runs on every new archive.`);
  if (!before.enabled) sayUndo(session.say, ["disable", namespace]);
  else if (priority !== undefined && before.priority !== priority)
    sayUndo(session.say, ["enable", namespace, "--priority", String(before.priority ?? 0)]);
};

const disable = async (session: Session, namespace: string): Promise<void> => {
  await session.client.configurePlugin({ params: { namespace }, body: { enabled: false } });
  session.print({ namespace, enabled: false }, () => `${namespace} runs only on request.`);
  sayUndo(session.say, ["enable", namespace]);
};

/** `hitagi grant`, `enable` and `disable`: the permissions of a plugin, and whether it runs on new archives. */
export const grantCommands = (program: CliCommand): void => {
  program
    .remote("grant <namespace>", "Grant a plugin all permissions that it asks for, or only those given here.")
    .examples(
      "hitagi grant source-finder",
      "hitagi grant site-tags --net api.example.org",
      "hitagi grant tag-database --read /srv/tags/tags.db",
    )
    .option("--net <hosts...>", "grant only these hosts")
    .choice("--library <access>", "grant only this access", libraryAccesses)
    .option(
      "--read <paths...>",
      "let it read only these files and folders of the server; alone, all else stays",
    )
    .option("--no-read", "let it read no files; alone, all else stays")
    .option("--none", "grant nothing")
    .option("-y, --yes", "do not ask before a grant of a whole public suffix, such as *.com")
    .runRemote(grant);
  program
    .remote("enable <namespace>", "Run a metadata plugin on every new archive.")
    .examples("hitagi enable comic-info --priority 1")
    .option("--priority <number>", "lower runs earlier", wholeNumber(-1_000_000, 1_000_000))
    .runRemote(enable);
  program
    .remote("disable <namespace>", "Stop running a metadata plugin on new archives.")
    .examples("hitagi disable comic-info")
    .runRemote(disable);
};
