import {
  ApiError,
  describeHeld,
  describeWithdrawn,
  type ErrorReport,
  type ListedUpdate,
  type ShownVersion,
  shownUpgrades,
  type UpgradePreview,
} from "@hitagi/contract";
import type { CliCommand } from "../command.ts";
import { askYesNo } from "../confirm.ts";
import { CommandFailed, failureText } from "../failure.ts";
import { isInteractive } from "../io.ts";
import { resultOf, waitForJob } from "../job-wait.ts";
import type { Session } from "../session.ts";
import { type Columns, table } from "../table.ts";
import { heldLines } from "./hold.ts";
import { changelogLines } from "./info-details.ts";
import { asksOf, type Brought, requiredLines, requiredText, warningText } from "./install.ts";
import { setAsideLines, withdrawnLines } from "./list.ts";

interface Upgraded {
  namespace: string;
  from: string;
  to: string;
  error: ErrorReport | null;
  warnings?: ErrorReport[];
  required?: Brought[];
}

interface Options {
  grant?: boolean;
  list?: boolean;
  yes?: boolean;
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
  const { plugins } = await session.client.listInstalled({});
  const quarantined = plugins.filter(({ health }) => health.state === "quarantined");
  const isUpToDate = held.length === 0 && withdrawn.length === 0 && quarantined.length === 0;
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
  session.say([
    ...waitingLines(updates),
    ...heldLines(held),
    ...setAsideLines(quarantined),
    ...withdrawnLines(withdrawn),
  ]);
};

/** What became of one plugin. One without a newer version is no failure of a command that names it. */
interface Told extends Upgraded {
  outcome: "upgraded" | "up_to_date" | "failed";
}

const columns: Columns<Told> = {
  NAMESPACE: "namespace",
  FROM: "from",
  TO: "to",
  OUTCOME: ({ outcome }) => outcome.replaceAll("_", " "),
};

const isOffered = ({ client }: Session, namespace: string): Promise<boolean> =>
  client.getAvailable({ params: { namespace } }).then(
    () => true,
    (error: unknown) => {
      if (error instanceof ApiError && ["PLUGIN_NOT_OFFERED", "PLUGIN_YANKED"].includes(error.code ?? ""))
        return false;
      throw error;
    },
  );

/** Tells a sideloaded plugin, which has no updates, from one that is up to date. */
const tell = async (session: Session, upgraded: Upgraded): Promise<Told> => {
  const { namespace, error } = upgraded;
  if (!error) return { ...upgraded, outcome: "upgraded" };
  if (error.code !== "NO_UPDATE") return { ...upgraded, outcome: "failed" };
  const { plugin } = await session.client.getInstalled({ params: { namespace } });
  if (plugin.origin !== "sideloaded") return { ...upgraded, outcome: "up_to_date" };
  const message = `${namespace} is a sideloaded plugin, which has no updates.`;
  const hint = (await isOffered(session, namespace))
    ? `\`hitagi move ${namespace}\` replaces it by the registry's plugin, and keeps its settings.`
    : "`hitagi sideload <file>` installs another version of it.";
  return { ...upgraded, error: { ...error, message, hint }, outcome: "failed" };
};

/** Upgrades in a job to the versions that were shown. @throws CommandFailed if the job itself failed, not for single upgrades */
const upgradeInJob = async (
  session: Session,
  namespaces: string[],
  grant: boolean,
  shown: ShownVersion[],
): Promise<Upgraded[]> => {
  if (namespaces.length === 0) return [];
  const { job } = await session.client.upgradePlugins({ body: { namespaces, grant, shown } });
  const ended = await waitForJob(session, job);
  const { data } = (ended.result ?? {}) as { data?: { plugins?: Upgraded[] } };
  if (data?.plugins) return data.plugins;
  resultOf(ended);
  return [];
};

/** What an upgrade asks for anew, for itself and for what it brings; empty if nothing. */
const rightsText = ({ plan }: UpgradePreview): string =>
  (plan ? [...(plan.requires ?? []), plan] : [])
    .flatMap((one) => {
      const { namespace, version, installed, permissions } = one;
      const asks = installed === null ? asksOf(one) : [];
      if (asks.length > 0) return [`${namespace} ${version} asks to ${asks.join(", ")}.`];
      const more = permissions?.more.join(", ");
      return more ? [`${namespace} ${version} asks for more permissions than were granted: ${more}.`] : [];
    })
    .join(" ");

/**
 * Shows which plugins upgrades bring, and asks about each upgrade that grants something new. With --grant it is only said.
 * @returns the namespaces of those that the user grants it
 */
const agree = async (
  session: Session,
  upgrades: readonly UpgradePreview[],
  { grant = false, yes = false }: Options,
): Promise<string[]> => {
  const granted: string[] = [];
  for (const upgrade of upgrades) {
    const { requires = [], conflicts = [] } = upgrade.plan ?? {};
    if (conflicts.length > 0) continue;
    session.say(requires.map(requiredText));
    const text = rightsText(upgrade);
    if (text === "") continue;
    if (grant) session.say(text);
    const isGranted =
      grant || (!yes && isInteractive(session.io) && (await askYesNo(session.io, `${text} Grant it?`)));
    if (isGranted) granted.push(upgrade.namespace);
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

/** Upgrades to exactly the versions that the previews show, with the new permissions that the user grants. */
const upgradeShown = async (
  session: Session,
  upgrades: readonly UpgradePreview[],
  options: Options,
): Promise<Upgraded[]> => {
  const granted = new Set(await agree(session, upgrades, options));
  const shown = shownUpgrades(upgrades);
  const planned = upgrades.flatMap(({ namespace, plan }) => (plan ? [namespace] : []));
  const done = [
    ...(await upgradeInJob(
      session,
      planned.filter((one) => granted.has(one)),
      true,
      shown,
    )),
    ...(await upgradeInJob(
      session,
      planned.filter((one) => !granted.has(one)),
      false,
      shown,
    )),
  ];
  return upgrades.map(
    ({ namespace, from, to, error }) =>
      done.find((one) => one.namespace === namespace) ?? { namespace, from, to, error },
  );
};

const upgrade = async (session: Session, names: string[], options: Options): Promise<void> => {
  if (options.list) return showUpdates(session);
  const { upgrades } = await session.client.previewUpgrade({
    body: names.length > 0 ? { namespaces: names } : {},
  });
  const upgraded = await upgradeShown(session, upgrades, options);
  const plugins = await Promise.all(upgraded.map((one) => tell(session, one)));
  session.printTable(plugins, columns, "Nothing to upgrade.");
  session.say(plugins.flatMap(({ namespace, required }) => requiredLines(namespace, required)));
  session.say(plugins.flatMap(({ warnings = [] }) => warnings.map(warningText)));
  const { held, withdrawn } = await session.client.listUpdates({});
  const failed = plugins.filter(({ outcome }) => outcome === "failed");
  const isTold = (name: string) => failed.some(({ namespace }) => namespace === name);
  const isAsked = (name: string) => names.length === 0 || names.includes(name);
  session.say(heldLines(held.filter(({ namespace }) => isAsked(namespace) && !isTold(namespace))));
  // A plugin that is named says it by its failure.
  if (names.length === 0)
    session.say([
      ...setAsideLines((await session.client.listInstalled({})).plugins),
      ...withdrawnLines(withdrawn),
    ]);
  failWith(failed);
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
