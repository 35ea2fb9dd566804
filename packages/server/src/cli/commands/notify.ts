import { readFile } from "node:fs/promises";
import path from "node:path";
import {
  type NotificationCause,
  notificationCauses,
  type Receiver,
  type ReceiverChange,
  type ReceiverKind,
  receiverKinds,
} from "@hitagi/contract";
import { Argument, Option } from "commander";
import { minuteText } from "../../clock.ts";
import type { CliCommand } from "../command.ts";
import { confirm } from "../confirm.ts";
import { CommandFailed, messageOf, UsageError } from "../failure.ts";
import { readStdin } from "../io.ts";
import type { Session } from "../session.ts";
import type { Columns } from "../table.ts";
import { sayUndo } from "../undo.ts";

interface AddOptions {
  secretStdin?: boolean;
  secretFile?: string;
  from?: string;
  to?: string[];
  plain?: boolean;
  cause?: NotificationCause[];
}

/** A secret is read from a file or standard input, because a process list shows arguments. */
const secretOf = async (
  { io }: Session,
  { secretStdin, secretFile }: AddOptions,
): Promise<string | undefined> => {
  if (secretStdin && secretFile !== undefined)
    throw new UsageError("Two secrets were given.", "Use --secret-stdin or --secret-file, not both.");
  if (secretFile !== undefined) return (await readFile(path.resolve(io.cwd, secretFile), "utf8")).trim();
  return secretStdin ? (await readStdin(io)).trim() : undefined;
};

/** Shows a receiver that was added or changed, and the key that the server made for it. */
const showMade = (session: Session, { receiver, secret }: { receiver: Receiver; secret?: string }): void => {
  const { name, causes } = receiver;
  session.print({ ...receiver, ...(secret !== undefined && { secret }) }, () =>
    secret === undefined ? `${name} gets: ${causes.join(", ")}.` : secret,
  );
  if (secret !== undefined)
    session.say(`This key signs the messages to ${name}. It is shown only once; give it to the receiver.`);
  session.say(`Try it with \`hitagi notify test ${name}\`.`);
};

const add = async (
  session: Session,
  name: string,
  kind: ReceiverKind,
  url: string,
  options: AddOptions,
): Promise<void> => {
  const { from, to, plain, cause: causes } = options;
  const body = { name, kind, url, secret: await secretOf(session, options), from, to, plain, causes };
  showMade(session, await session.client.createReceiver({ body }));
  sayUndo(session.say, ["notify", "remove", name]);
};

interface SetOptions extends Omit<AddOptions, "plain"> {
  address?: string;
  /** False to remove it. */
  secret?: boolean;
  plain?: boolean;
  allCauses?: boolean;
  yes?: boolean;
}

/** Asks before a secret or an address is lost: neither is shown, so that nothing brings it back. */
const agreeToSet = async (
  { client, io }: Session,
  name: string,
  { secret, url }: Pick<ReceiverChange, "secret" | "url">,
  options: SetOptions,
): Promise<Receiver | undefined> => {
  const before = (await client.listReceivers({})).receivers.find((one) => one.name === name);
  const lost = [
    ...(secret !== undefined && before?.hasSecret ? ["secret"] : []),
    ...(url !== undefined ? ["address"] : []),
  ];
  if (before && lost.length > 0) {
    const what = `The ${lost.join(" and the ")} that ${name} has (${before.address}) is lost with this change.`;
    await confirm(io, { what, ask: "Change it?", does: "change it" }, options);
  }
  return before;
};

/** The options that put back what was changed, except a secret and an address. */
const undoOfSet = ({ from, to, plain, causes }: Receiver, change: ReceiverChange): string[] => {
  const isAll = causes.length === notificationCauses.length;
  return [
    ...(change.from !== undefined && from !== undefined ? ["--from", from] : []),
    ...(change.to !== undefined && to !== undefined ? ["--to", ...to] : []),
    ...(change.plain === undefined ? [] : [plain ? "--plain" : "--no-plain"]),
    ...(change.causes === undefined ? [] : isAll ? ["--all-causes"] : ["--cause", ...causes]),
  ];
};

const set = async (session: Session, name: string, options: SetOptions): Promise<void> => {
  const { address: url, from, to, plain, cause, allCauses } = options;
  const given = await secretOf(session, options);
  const secret = options.secret === false ? null : given;
  const causes = allCauses ? null : cause;
  const change = { url, secret, from, to, plain, causes };
  if (Object.values(change).every((value) => value === undefined))
    throw new UsageError("Nothing was given to change.", "See `hitagi notify set --help` for what can be.");
  const before = await agreeToSet(session, name, change, options);
  const changed = await session.client.updateReceiver({ params: { name }, body: change });
  showMade(session, changed);
  const undo = before ? undoOfSet(before, change) : [];
  if (undo.length > 0) sayUndo(session.say, ["notify", "set", name, ...undo]);
};

const columns: Columns<Receiver> = {
  NAME: "name",
  KIND: "kind",
  ADDRESS: ({ address, to }) => to?.join(", ") ?? address,
  MESSAGES: ({ causes }) => (causes.length === notificationCauses.length ? "all" : causes.join(", ")),
  LAST: ({ last }) => last && `${last.outcome}, ${minuteText(last.at)}`,
};

const ADD_ONE = "Add one with `hitagi notify add phone ntfy https://ntfy.sh/<topic>`.";
const EMPTY = `There are no receivers. ${ADD_ONE}`;

const list = async (session: Session): Promise<void> => {
  const { receivers } = await session.client.listReceivers({});
  session.printTable(receivers, columns, EMPTY);
};

/** Sends a test message to one receiver, or to all of them, one after the other. @throws CommandFailed if one did not take it */
const test = async (session: Session, given: string | undefined): Promise<void> => {
  const send = async (name: string) =>
    (await session.client.testReceiver({ params: { name } })).successMessage;
  if (given !== undefined) {
    const message = await send(given);
    return session.print({ name: given }, () => message);
  }
  const { receivers } = await session.client.listReceivers({});
  if (receivers.length === 0) throw new CommandFailed("There are no receivers.", ADD_ONE);
  const sent: { name: string; message: string }[] = [];
  const failures: string[] = [];
  for (const { name } of receivers)
    await send(name).then(
      (message) => void sent.push({ name, message }),
      (error: unknown) => void failures.push(messageOf(error)),
    );
  session.print(sent, (all) => all.map(({ message }) => message));
  if (failures.length > 0) throw new CommandFailed(failures, "Correct them with `hitagi notify set`.");
};

const remove = async (session: Session, name: string, options: { yes?: boolean }): Promise<void> => {
  const what = `The receiver ${name} will be removed, with its address and secrets.`;
  await confirm(session.io, { what, ask: "Remove it?", does: "remove it" }, options);
  const { successMessage } = await session.client.deleteReceiver({ params: { name } });
  session.print({ name }, () => successMessage);
};

/** `hitagi notify …`: messages to people and programs elsewhere. */
export const notifyCommands = (program: CliCommand): void => {
  const group = program
    .local(
      "notify",
      "Messages about failed batches, updates, quarantined plugins and problems of the library.",
    )
    .examples("hitagi notify add phone ntfy https://ntfy.sh/my-secret-topic");
  group
    .remote("add", "Add a receiver. Its host may be in the local network.")
    .examples(
      "hitagi notify add phone ntfy http://ntfy.lan/hitagi",
      "hitagi notify add home webhook http://nas.lan:8123/hook --cause jobs",
      "hitagi notify add mail email smtp://a.org --from me@a.org --to me@a.org",
    )
    .argument("<name>", "a name for it")
    .addArgument(new Argument("<kind>", "the form of its messages").choices(receiverKinds))
    .argument(
      "<address>",
      "where they go; of ntfy with the topic, of e-mail smtp://user@host:587 or smtps://user@host",
    )
    .option("--secret-stdin", "read its secret from standard input: signing key, token or password")
    .option("--secret-file <file>", "read its secret from a file")
    .option("--from <address>", "of email: the sender")
    .option("--to <addresses...>", "of email: the recipients")
    .option("--plain", "of email: without encryption, for a relay in the local network")
    .addOption(new Option("--cause <causes...>", "only messages of these causes").choices(notificationCauses))
    .runRemote(add);
  group
    .remote("set", "Change a receiver; what is not given stays, its secret too.")
    .examples(
      "hitagi notify set phone --cause jobs updates",
      "hitagi notify set home --address http://nas.lan:8123/other",
    )
    .argument("<name>", "the receiver")
    .option(
      "--address <address>",
      "where messages go; with another host, its token or password is needed again",
    )
    .option("--secret-stdin", "read another secret from standard input")
    .option("--secret-file <file>", "read another secret from a file")
    .addOption(
      new Option("--no-secret", "remove its secret; of a webhook, make another signing key").conflicts([
        "secretStdin",
        "secretFile",
      ]),
    )
    .option("--from <address>", "of email: the sender")
    .option("--to <addresses...>", "of email: the recipients")
    .option("--plain", "of email: without encryption, for a relay in the local network")
    .option("--no-plain", "of email: encrypted")
    .addOption(new Option("--cause <causes...>", "only messages of these causes").choices(notificationCauses))
    .addOption(new Option("--all-causes", "messages of all causes").conflicts("cause"))
    .option("-y, --yes", "do not ask before a secret or an address is lost")
    .runRemote(set);
  group
    .remote("list", "List the receivers, and how the last message to each ended.")
    .examples("hitagi notify list")
    .runRemote(list);
  group
    .remote("test", "Send a test message now.")
    .examples("hitagi notify test phone", "hitagi notify test")
    .argument("[name]", "the receiver; all of them where absent")
    .runRemote(test);
  group
    .remote("remove", "Remove a receiver.")
    .examples("hitagi notify remove phone")
    .argument("<name>", "the receiver")
    .option("-y, --yes", "do not ask")
    .runRemote(remove);
};
