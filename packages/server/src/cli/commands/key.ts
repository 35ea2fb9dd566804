import { type KeyInfo, type Scope, scopes } from "@hitagi/contract";
import { type Command, Option } from "commander";
import { confirm } from "../confirm.ts";
import { localCommand, serverCommand } from "../define-command.ts";
import type { Io } from "../io.ts";
import { type Session, withSession } from "../session.ts";
import { table } from "../table.ts";
import { parseMoment, timeText } from "../time.ts";

interface AddOptions {
  scope: Scope;
  expires?: number;
}

const add = async (session: Session, name: string, { scope, expires }: AddOptions): Promise<void> => {
  const body = { name, scope, ...(expires !== undefined && { expires }) };
  const { info, key } = await session.client.createKey({ body });
  session.print({ ...info, key }, (made) => made.key);
  const until = expires === undefined ? "until it is revoked" : `until ${timeText(expires)} UTC`;
  session.say(`${name} has the scope ${scope} ${until}. The key is shown only once and not stored.`);
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
      : "There are no named keys. Make one with `hitagi key add <name> --scope read`.",
  );
};

const revoke = async (session: Session, name: string): Promise<void> => {
  const { successMessage } = await session.client.revokeKey({ params: { name } });
  session.print({ name }, () => successMessage);
};

const QUESTION =
  "Every program that uses the server's own key, and not a named key, will be refused. Continue?";

const rotate = async (session: Session, options: { yes?: boolean }): Promise<void> => {
  await confirm(session.io, QUESTION, options);
  const { key } = await session.client.rotateKey({});
  session.print({ key }, () => key);
  session.say(
    "This is the new own key of all servers on this store. Each server keeps it in the file api-key in its data folder. The old key is refused.",
  );
};

/** `hitagi key …`: the API keys. */
export const keyCommands = (program: Command, io: Io): void => {
  const key = localCommand(program, "key", "API keys for programs and people.", "hitagi key list");
  serverCommand(
    key,
    "add <name>",
    "Make a key and print it once. read: read everything except secrets; use: also run plugins and add archives; manage: everything.",
    "hitagi key add grafana --scope read",
    "hitagi key add backup-script --scope use --expires 90d",
  )
    .addOption(
      new Option("--scope <scope>", "the rights of the key").choices([...scopes]).makeOptionMandatory(true),
    )
    .option("--expires <when>", "when it expires: 12h, 90d, 2027-01-31; by default never", parseMoment(1))
    .action(withSession(io, add));
  serverCommand(
    key,
    "list",
    "List the named keys, without the keys themselves.",
    "hitagi key list --json",
  ).action(withSession(io, list));
  serverCommand(
    key,
    "rotate",
    "Replace the own key of all servers on this store, and print the new one. The old key is refused at once.",
    "hitagi key rotate",
  )
    .option("-y, --yes", "do not ask")
    .action(withSession(io, rotate));
  serverCommand(key, "revoke <name>", "Revoke a key at once.", "hitagi key revoke grafana").action(
    withSession(io, revoke),
  );
};
