import { type KeyInfo, type Scope, scopes } from "@hitagi/contract";
import { type Command, Option } from "commander";
import { confirm } from "../confirm.ts";
import type { Io } from "../io.ts";
import { bare, leaf } from "../leaf.ts";
import { type Session, withSession } from "../session.ts";
import { table } from "../table.ts";
import { moment, timeText } from "../time.ts";

interface AddOptions {
  scope: Scope;
  expires?: number;
}

const add = async (session: Session, name: string, { scope, expires }: AddOptions): Promise<void> => {
  const body = { name, scope, ...(expires !== undefined && { expires }) };
  const { info, key } = await session.client.createKey({ body });
  session.print({ ...info, key }, (made) => made.key);
  const until = expires === undefined ? "until it is revoked" : `until ${timeText(expires)} UTC`;
  session.say(`${name} has the scope ${scope} ${until}. The key is shown this once and kept nowhere.`);
};

const expiry = ({ expires }: KeyInfo): string => {
  if (expires === null) return "never";
  return `${timeText(expires)}${expires * 1000 <= Date.now() ? " (expired)" : ""}`;
};

const list = async (session: Session): Promise<void> => {
  const { keys } = await session.client.listKeys({});
  const row = (k: KeyInfo) => [
    k.name,
    k.scope,
    timeText(k.created),
    expiry(k),
    k.lastUsed === null ? "never" : timeText(k.lastUsed),
  ];
  session.print(keys, () =>
    keys.length > 0
      ? table(session.io, ["NAME", "SCOPE", "CREATED", "EXPIRES", "LAST USED"], keys.map(row))
      : "No keys beside the server's own. Make one with `hitagi key add <name> --scope read`.",
  );
};

const revoke = async (session: Session, name: string): Promise<void> => {
  const { successMessage } = await session.client.revokeKey({ params: { name } });
  session.print({ name }, () => successMessage);
};

const QUESTION =
  "Every program that uses the server's own key, not one of `hitagi key list`, is refused from then on. Go on?";

const rotate = async (session: Session, options: { yes?: boolean }): Promise<void> => {
  await confirm(session.io, QUESTION, options);
  const { key } = await session.client.rotateKey({});
  session.print({ key }, () => key);
  session.say(
    "That is the server's own key now, on all servers of its store; each keeps it in the api-key of its data folder. The one before is refused.",
  );
};

/** `hitagi key …`: who may make calls, beside the holder of the server's own key. */
export const keyCommands = (program: Command, io: Io): void => {
  const key = bare(program, "key", "API keys for programs and people.", "hitagi key list");
  leaf(
    key,
    "add <name>",
    "Make a key and print it, this once. read: sees everything but secrets; use: also runs plugins and adds archives; manage: everything.",
    "hitagi key add grafana --scope read",
    "hitagi key add backup-script --scope use --expires 90d",
  )
    .addOption(new Option("--scope <scope>", "what it may do").choices([...scopes]).makeOptionMandatory(true))
    .option("--expires <when>", "when it ends: 12h, 90d, 2027-01-31; else never", moment(1))
    .action(withSession(io, add));
  leaf(key, "list", "List the keys; never the keys themselves.", "hitagi key list --json").action(
    withSession(io, list),
  );
  leaf(
    key,
    "rotate",
    "Give the server, and all that share its store, another key of its own, and print it; the one before is refused at once.",
    "hitagi key rotate",
  )
    .option("-y, --yes", "do not ask")
    .action(withSession(io, rotate));
  leaf(key, "revoke <name>", "End a key at once.", "hitagi key revoke grafana").action(
    withSession(io, revoke),
  );
};
