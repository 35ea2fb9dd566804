import { describeHeld, describeWithdrawn, type ErrorReport, type ListedUpdate } from "@hitagi/contract";
import type { CliCommand } from "../command.ts";
import { askYesNo } from "../confirm.ts";
import { CommandFailed, failureText } from "../failure.ts";
import { isInteractive } from "../io.ts";
import { resultOf, waitForJob } from "../job-wait.ts";
import type { Session } from "../session.ts";
import { type Columns, table } from "../table.ts";
import { heldLines } from "./hold.ts";
import { changelogLines } from "./info-details.ts";
import { type Brought, requiredLines, warningText } from "./install.ts";
import { withdrawnLines } from "./list.ts";

interface Upgraded {
  namespace: string;
  from: string;
  to: string;
  error: ErrorReport | null;
  warnings?: ErrorReport[];
  required?: Brought[];
}

const updateColumns: Columns<ListedUpdate> = {
  NAMESPACE: "namespace",
  INSTALLED: "installed",
  UPDATE: "update",
  REGISTRY: "registryName",
};

/** Says why automatic updates do not take an update yet. */
const waitingLines = (updates: readonly ListedUpdate[]): string[] =>
  updates.flatMap(({ namespace, update, waits }) =>
    waits ? [`${namespace} ${update} waits: ${waits.message}`, `hint: ${waits.hint}`] : [],
  );

/** Lists the updates, what holds others back, and versions that are no longer offered. */
const showUpdates = async (session: Session): Promise<void> => {
  const { updates, held, withdrawn } = await session.client.listUpdates({});
  const isUpToDate = held.length === 0 && withdrawn.length === 0;
  const empty = isUpToDate ? "Everything is up to date." : "There is nothing to upgrade.";
  const why = {
    held: held.map((one) => ({ ...one, ...describeHeld(one) })),
    withdrawn: withdrawn.map((one) => ({ ...one, ...describeWithdrawn(one) })),
  };
  session.print({ updates, ...why }, () =>
    updates.length > 0
      ? [
          table(session.io, updateColumns, updates),
          ...updates.flatMap(({ namespace, changelog }) => changelogLines(namespace, changelog)),
        ]
      : empty,
  );
  session.say([...waitingLines(updates), ...heldLines(held), ...withdrawnLines(withdrawn)]);
};

const columns: Columns<Upgraded> = {
  NAMESPACE: "namespace",
  FROM: "from",
  TO: "to",
  OUTCOME: ({ error }) => (error ? "failed" : "upgraded"),
};

/** Upgrades in a job. @throws CommandFailed if the job itself failed, not for single upgrades */
const upgradeInJob = async (
  session: Session,
  namespaces: string[] | undefined,
  grant: boolean,
): Promise<Upgraded[]> => {
  const { job } = await session.client.upgradePlugins({ body: { namespaces, grant } });
  const ended = await waitForJob(session, job);
  const { data } = (ended.result ?? {}) as { data?: { plugins?: Upgraded[] } };
  if (data?.plugins) return data.plugins;
  resultOf(ended);
  return [];
};

/** Asks about each plugin that needs new permissions. @returns those that the user grants */
const askToGrant = async (session: Session, upgraded: Upgraded[]): Promise<string[]> => {
  if (!isInteractive(session.io)) return [];
  const granted: string[] = [];
  for (const { namespace, error } of upgraded) {
    if (error?.code !== "PERMISSION_NEEDED") continue;
    if (await askYesNo(session.io, `${error.message}. Grant it?`)) granted.push(namespace);
  }
  return granted;
};

/** The failure of one plugin, which names it. */
const ownFailure = ({ namespace, error }: Upgraded) => {
  if (!error) return [];
  const text = failureText(error);
  const isNamed = error.message.split(/[\s'"`:,]+/).includes(namespace);
  return [{ text: isNamed ? text : `${namespace}: ${text}`, hint: error.hint }];
};

/** Reports each failure with its own hint. */
const failWith = (upgraded: Upgraded[]): void => {
  const failures = upgraded.flatMap(ownFailure);
  const last = failures.pop();
  if (!last) return;
  throw new CommandFailed(
    [...failures.flatMap(({ text, hint }) => [text, `hint: ${hint}`]), last.text],
    last.hint,
  );
};

const upgrade = async (
  session: Session,
  names: string[],
  options: { grant?: boolean; list?: boolean; yes?: boolean },
): Promise<void> => {
  if (options.list) return showUpdates(session);
  const first = await upgradeInJob(session, names.length > 0 ? names : undefined, options.grant ?? false);
  const granted = options.yes ? [] : await askToGrant(session, first);
  const second = granted.length > 0 ? await upgradeInJob(session, granted, true) : [];
  const plugins = first.map((p) => second.find(({ namespace }) => namespace === p.namespace) ?? p);
  session.printTable(plugins, columns, "Nothing to upgrade.");
  session.say(plugins.flatMap(({ namespace, required }) => requiredLines(namespace, required)));
  session.say(plugins.flatMap(({ warnings = [] }) => warnings.map(warningText)));
  const { held } = await session.client.listUpdates({});
  session.say(heldLines(held.filter(({ namespace }) => names.length === 0 || names.includes(namespace))));
  failWith(plugins);
};

/** `hitagi upgrade`. */
export const upgradeCommand = (program: CliCommand): void => {
  program
    .remote("upgrade [namespaces...]", "Upgrade the given plugins, or all with an update.")
    .examples("hitagi upgrade", "hitagi upgrade title-cleaner --grant")
    .option("--grant", "grant all new permissions")
    .option("--list", "only list available upgrades, and what is held back")
    .option("-y, --yes", "do not ask: what asks for new permissions waits, unless --grant is given")
    .runRemote(upgrade);
};
