import { type KeyInfo, type Scope, scopes } from "@hitagi/contract";
import { Option } from "commander";
import { timeText } from "../../clock.ts";
import type { CliCommand } from "../command.ts";
import { confirm } from "../confirm.ts";
import { parseMoment } from "../option-values.ts";
import type { Session } from "../session.ts";
import type { Columns } from "../table.ts";
import { sayUndo } from "../undo.ts";

interface AddOptions {
  scope: Scope;
  expires?: number;
}

const add = async (session: Session, name: string, { scope, expires }: AddOptions): Promise<void> => {
  const { info, key } = await session.client.createKey({ body: { name, scope, expires } });
  session.print({ ...info, key }, (made) => made.key);
  const until = expires === undefined ? "until it is revoked" : `until ${timeText(expires)}`;
  session.say(`${name} has the scope ${scope} ${until}. The key is shown only once and not stored.`);
  sayUndo(session.say, ["key", "revoke", name]);
};

const expiry = ({ expires }: KeyInfo): string => {
  if (expires === null) return "never";
  return `${timeText(expires)}${expires * 1000 <= Date.now() ? " (expired)" : ""}`;
};

const columns: Columns<KeyInfo> = {
  NAME: "name",
  SCOPE: "scope",
  CREATED: (k) => timeText(k.created),
  EXPIRES: expiry,
  "LAST USED": (k) => (k.lastUsed === null ? "never" : timeText(k.lastUsed)),
};

const list = async (session: Session): Promise<void> => {
  const { keys } = await session.client.listKeys({});
  const empty = "There are no named keys. Make one with `hitagi key add <name> --scope read`.";
  session.printTable(keys, columns, empty);
};

const revoke = async (session: Session, name: string, options: { yes?: boolean }): Promise<void> => {
  const what = `Every program that uses the key ${name} will be refused.`;
  await confirm(session.io, { what, ask: "Revoke it?", does: "revoke it" }, options);
  const { successMessage } = await session.client.revokeKey({ params: { name } });
  session.print({ name }, () => successMessage);
};

const ROTATION = "Every program that uses the server's own key, and not a named key, will be refused.";

const rotate = async (session: Session, options: { yes?: boolean }): Promise<void> => {
  await confirm(session.io, { what: ROTATION, ask: "Continue?", does: "rotate it" }, options);
  const { key } = await session.client.rotateKey({});
  session.print({ key }, () => key);
  session.say(
    "This is the new own key of all servers on this store. Each server keeps it in the file api-key in its data folder. The old key is refused.",
  );
};

/** `hitagi key …`: the API keys. */
export const keyCommands = (program: CliCommand): void => {
  const key = program.local("key", "API keys for programs and people.").examples("hitagi key list");
  key
    .remote(
      "add <name>",
      "Make a key and print it once. read: read everything except secrets; use: also run plugins and add archives; manage: everything.",
    )
    .examples("hitagi key add grafana --scope read", "hitagi key add backup-script --scope use --expires 90d")
    .addOption(new Option("--scope <scope>", "the rights of the key").choices(scopes).makeOptionMandatory())
    .option("--expires <when>", "when it expires: 12h, 90d, 2027-01-31; by default never", parseMoment(1))
    .runRemote(add);
  key
    .remote("list", "List the named keys, without the keys themselves.")
    .examples("hitagi key list --json")
    .runRemote(list);
  key
    .remote(
      "rotate",
      "Replace the own key of all servers on this store, and print the new one. The old key is refused at once.",
    )
    .examples("hitagi key rotate")
    .option("-y, --yes", "do not ask")
    .runRemote(rotate);
  key
    .remote("revoke <name>", "Revoke a key at once.")
    .examples("hitagi key revoke grafana")
    .option("-y, --yes", "do not ask")
    .runRemote(revoke);
};
