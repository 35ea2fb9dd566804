import type { BlockHit, BlockList, Output } from "@hitagi/contract";
import { timeText } from "../../clock.ts";
import type { CliCommand } from "../command.ts";
import { CommandFailed, failureText } from "../failure.ts";
import type { Session } from "../session.ts";
import { type Columns, table } from "../table.ts";

type Blocks = Pick<Output<"getBlockLists">, "lists" | "hits" | "allowed">;

const listColumns: Columns<BlockList> = {
  NAME: "name",
  ENTRIES: "entries",
  EDITION: "sequence",
  LOADED: ({ loaded }) => (loaded === null ? "never" : timeText(loaded)),
  PROBLEM: ({ failure }) => failure?.code,
  ADDRESS: "address",
};

const hitColumns: Columns<BlockHit> = {
  PLUGIN: ({ namespace, version }) => `${namespace} ${version}`,
  OUTCOME: ({ action, allowed }) => (allowed ? "allowed" : action === "block" ? "blocked" : "warning"),
  LIST: "list",
  REASON: "reason",
};

const EMPTY =
  "You follow no block list. Follow one with `hitagi policy blocks add <name> <address> --signed-by <key>`.";

const print = ({ io, print: printData, say }: Session, { lists, hits, allowed }: Blocks): void => {
  printData({ lists, hits, allowed }, () =>
    lists.length === 0
      ? EMPTY
      : [...table(io, listColumns, lists), ...(hits.length > 0 ? ["", ...table(io, hitColumns, hits)] : [])],
  );
  if (allowed.length > 0)
    say(`Allowed in spite of the lists: ${allowed.map((one) => one.namespace).join(", ")}.`);
};

const show = async (session: Session): Promise<void> =>
  print(session, await session.client.getBlockLists({}));

/** @throws CommandFailed for lists that could not be loaded */
const failWith = ({ lists }: Blocks, which: (list: BlockList) => boolean = () => true): void => {
  const failed = lists.filter((list) => list.failure && which(list));
  const [first] = failed;
  if (!first?.failure) return;
  const texts = failed.map(({ name, failure }) => {
    const { code = "", error = "" } = failure ?? {};
    return `${name}: ${failureText({ message: error, code })}`;
  });
  throw new CommandFailed(
    texts,
    first.loaded === null
      ? `Nothing is installed until it is loaded. \`hitagi policy blocks remove ${first.name}\` follows it no longer.`
      : first.failure.hint,
  );
};

const add = async (
  session: Session,
  name: string,
  address: string,
  { signedBy: key }: { signedBy?: string },
): Promise<void> => {
  const blocks = await session.client.addBlockList({ body: { name, address, key } });
  print(session, blocks);
  const added = blocks.lists.find((list) => list.name === name);
  if (added?.key && key === undefined)
    session.say(`Its key is pinned: ${added.key}. Compare it with what its publisher says.`);
  session.say(`To undo: \`hitagi policy blocks remove ${name}\``);
  failWith(blocks, (list) => list.name === name);
};

const remove = async (session: Session, name: string): Promise<void> => {
  const before = (await session.client.getBlockLists({})).lists.find((list) => list.name === name);
  print(session, await session.client.removeBlockList({ params: { name } }));
  const key = before?.key ? ` --signed-by '${before.key}'` : "";
  if (before) session.say(`To undo: \`hitagi policy blocks add ${name} ${before.address}${key}\``);
};

const refresh = async (session: Session): Promise<void> => {
  const blocks = await session.client.refreshBlockLists({});
  print(session, blocks);
  failWith(blocks);
};

const allow = async (session: Session, namespace: string): Promise<void> => {
  print(session, await session.client.allowBlockedPlugin({ params: { namespace } }));
  session.say(`To undo: \`hitagi policy blocks disallow ${namespace}\``);
};

const disallow = async (session: Session, namespace: string): Promise<void> =>
  print(session, await session.client.disallowBlockedPlugin({ params: { namespace } }));

/** `hitagi policy blocks …`: lists of plugins that are not to be installed or run. */
export const blockListCommands = (policy: CliCommand): void => {
  const group = policy
    .local("blocks", "Block lists: signed lists of plugins that are not to be installed or run.")
    .examples(
      "hitagi policy blocks show",
      "hitagi policy blocks add community https://example.org/blocks.txt",
    );
  group
    .remote("show", "Show the lists, and the installed plugins that they name.")
    .examples("hitagi policy blocks show")
    .runRemote(show);
  group
    .remote("add <name> <address>", "Follow a list at an address or in a file of the server, and load it.")
    .examples("hitagi policy blocks add community https://example.org/blocks.txt")
    .option(
      "--signed-by <key>",
      "the key that it must be signed with; by default the one that it shows at first",
    )
    .runRemote(add);
  group.remote("refresh", "Load all lists now.").examples("hitagi policy blocks refresh").runRemote(refresh);
  group
    .remote("remove <name>", "Follow a list no longer; what only it blocked runs again.")
    .examples("hitagi policy blocks remove community")
    .runRemote(remove);
  group
    .remote(
      "allow <namespace>",
      "Let a plugin be installed and run in spite of the lists, and of its keeper who yanked it as dangerous.",
    )
    .examples("hitagi policy blocks allow title-cleaner")
    .runRemote(allow);
  group
    .remote("disallow <namespace>", "Let the lists count for a plugin again.")
    .examples("hitagi policy blocks disallow title-cleaner")
    .runRemote(disallow);
};
