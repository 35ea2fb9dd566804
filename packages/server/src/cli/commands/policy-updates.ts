import type { AutomaticPlugin, Output } from "@hitagi/contract";
import type { CliCommand } from "../command.ts";
import { UsageError } from "../failure.ts";
import { quotedRegistry } from "../format.ts";
import { chooseRegistry } from "../lookup.ts";
import type { Session } from "../session.ts";
import { type Columns, table } from "../table.ts";
import { sayUndo } from "../undo.ts";

type Policy = Pick<Output<"getUpdatePolicy">, "all" | "registries" | "registryNames" | "window" | "plugins">;

const columns: Columns<AutomaticPlugin> = {
  NAMESPACE: "namespace",
  AUTOMATIC: "automatic",
  BY: "by",
  REGISTRY: "registryName",
};

const wordOf = (automatic: boolean | undefined): string =>
  automatic === undefined ? "default" : automatic ? "on" : "off";

const windowText = ({ window }: Policy): string =>
  window === null
    ? "Automatic updates begin at any time."
    : `Automatic updates begin from ${window.from} to ${window.to} (${window.zone}).`;

/** The rules that are not of one plugin, where there are any: `Registries: "Example" on. All others: off.` */
const rulesText = ({ all, registries, registryNames }: Policy): string[] => {
  const rules = Object.entries(registries).map(
    ([id, on]) => `${quotedRegistry(registryNames, id)} ${wordOf(on)}`,
  );
  const others = `${rules.length > 0 ? "All others" : "All plugins"}: ${wordOf(all)}.`;
  if (rules.length > 0) return [`Registries: ${rules.join(", ")}. ${others}`];
  return all ? [others] : [];
};

const print = (
  { io, print: printData }: Session,
  { all, registries, registryNames, window, plugins }: Policy,
): void =>
  printData({ all, registries, registryNames, window, plugins }, (policy) => [
    plugins.length > 0 ? table(io, columns, plugins) : "No plugin from a registry is installed.",
    "",
    ...rulesText(policy),
    windowText(policy),
  ]);

const show = async (session: Session): Promise<void> =>
  print(session, await session.client.getUpdatePolicy({}));

interface ChangeOptions {
  registry?: string[];
  all?: boolean;
}

/** The commands that give plugins, registries and all the rules that they have now. */
const undoOf = async (
  { client }: Session,
  names: readonly string[],
  ids: readonly string[],
  isAll: boolean,
): Promise<string[][]> => {
  const [policy, { plugins }] = await Promise.all([client.getUpdatePolicy({}), client.listInstalled({})]);
  const own = (name: string) =>
    plugins.find(({ namespace }) => namespace === name.toLowerCase())?.updates?.automatic;
  const command = (word: string, ...target: string[]) => ["policy", "updates", word, ...target];
  return [
    ...names.map((name) => command(wordOf(own(name)), name)),
    ...ids.map((id) => command(wordOf(policy.registries[id]), "--registry", id)),
    ...(isAll ? [command(wordOf(policy.all), "--all")] : []),
  ];
};

const change =
  (automatic: boolean | null) =>
  async (session: Session, names: string[], { registry = [], all }: ChangeOptions): Promise<void> => {
    if (names.length === 0 && registry.length === 0 && !all)
      throw new UsageError("Nothing was named.", "Name plugins, or use --registry or --all.");
    if (all && automatic === null)
      throw new UsageError("There is no default for all.", "Use `hitagi policy updates off --all`.");
    const ids = await Promise.all(
      registry.map(async (name) => (await chooseRegistry(session.client, name)).id),
    );
    const toChoices = (keys: string[]) => Object.fromEntries(keys.map((key) => [key, automatic]));
    const body = {
      plugins: toChoices(names),
      registries: toChoices(ids),
      ...(all && automatic !== null && { all: automatic }),
    };
    const undo = await undoOf(session, names, ids, all ?? false);
    print(session, await session.client.changeUpdatePolicy({ body }));
    sayUndo(session.say, ...undo);
  };

const hours = async (
  session: Session,
  text: string,
  { zone = Intl.DateTimeFormat().resolvedOptions().timeZone }: { zone?: string },
): Promise<void> => {
  const [, from, to] = /^(\d\d:\d\d)-(\d\d:\d\d)$/.exec(text) ?? [];
  if (text !== "any" && (!from || !to))
    throw new UsageError(`${text} are no hours.`, "Use the form 02:00-05:00, or any.");
  const window = from && to ? { from, to, zone } : null;
  const { window: before } = await session.client.getUpdatePolicy({});
  print(session, await session.client.changeUpdatePolicy({ body: { window } }));
  const words = before ? [`${before.from}-${before.to}`, "--zone", before.zone] : ["any"];
  sayUndo(session.say, ["policy", "updates", "hours", ...words]);
};

const targets = (command: CliCommand): unknown =>
  command
    .argument("[namespaces...]", "plugins")
    .option("--registry <registries...>", "all plugins of these registries, by id or name")
    .option("--all", "all plugins");

/** `hitagi policy updates …`: which plugins update themselves, and when. */
export const updatePolicyCommands = (policy: CliCommand): void => {
  const group = policy
    .local(
      "updates",
      "Automatic updates. They never give new rights, and leave quarantined and withdrawn plugins.",
    )
    .examples("hitagi policy updates on title-cleaner", "hitagi policy updates hours 02:00-05:00");
  group
    .remote("show", "Show which plugins update themselves, and when.")
    .examples("hitagi policy updates show")
    .runRemote(show);
  group
    .remote("on", "Turn automatic updates on.")
    .examples("hitagi policy updates on title-cleaner", "hitagi policy updates on --registry Example")
    .use(targets)
    .runRemote(change(true));
  group
    .remote("off", "Turn automatic updates off.")
    .examples("hitagi policy updates off title-cleaner")
    .use(targets)
    .runRemote(change(false));
  group
    .remote("default", "Let plugins follow their registry, or registries the rule for all.")
    .examples("hitagi policy updates default title-cleaner")
    .use(targets)
    .runRemote(change(null));
  group
    .remote("hours <hours>", "Set the hours in which automatic updates begin: 02:00-05:00, or any.")
    .examples("hitagi policy updates hours 02:00-05:00 --zone Europe/Berlin")
    .option("--zone <zone>", "the time zone; by default that of this machine")
    .runRemote(hours);
};
