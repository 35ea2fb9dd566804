import { type ParameterValue, toNamespace } from "@hitagi/contract";
import type { Logger } from "pino";
import type { Registries } from "../catalog/types.ts";
import type { Documents } from "../documents/documents.ts";
import type { Installer } from "../install/types.ts";
import type { Plugins } from "../plugins/types.ts";
import type { PluginStore } from "../store/types.ts";
import { setConditions } from "./chain-conditions.ts";
import { exactChoices } from "./change-plugin.ts";
import { type CurrentPlugin, type CurrentSetDeps, readCurrentSet } from "./current-set.ts";
import { differences } from "./differences.ts";
import { inRounds } from "./in-rounds.ts";
import { undoPolicies } from "./locked-policies.ts";
import type { PluginBefore, SyncJournal } from "./sync-journal.ts";

export interface UndoDeps extends CurrentSetDeps {
  registries: Pick<Registries, "list" | "delete">;
  installer: Pick<Installer, "restoreVersion" | "uninstall">;
  plugins: Pick<Plugins, "records" | "settings" | "reload">;
  documents: Pick<Documents, "read" | "change">;
  store: Pick<PluginStore, "get" | "set" | "grant" | "configure" | "changeUpdates">;
  log: Pick<Logger, "error">;
}

/** The fields that are not as the sync sets them: its owner changed them meanwhile, or the sync did not come to them. They stay. */
const keptFields = (current: CurrentPlugin | undefined, { wanted }: PluginBefore): ReadonlySet<string> =>
  new Set(
    current && wanted
      ? differences(current.locked, wanted).map(({ field, name }) =>
          name === undefined ? field : `${field} ${name}`,
        )
      : [],
  );

/** Writes the values of settings that a sync changed, as they were; a version may not know some of them any more. */
const restoreSettings = async (
  { store }: UndoDeps,
  current: CurrentPlugin,
  settings: Readonly<Record<string, ParameterValue>>,
  kept: ReadonlySet<string> = new Set(),
): Promise<void> => {
  const all = Object.keys({ ...current.locked.settings, ...settings });
  const names = all.filter((name) => !kept.has(`setting ${name}`));
  const values = names.map((name): [string, ParameterValue | null] => [name, settings[name] ?? null]);
  if (names.length > 0) await store.set(current.namespace, Object.fromEntries(values));
};

const restoreInstalled = async (
  deps: UndoDeps,
  noted: PluginBefore,
  before: NonNullable<PluginBefore["locked"]>,
  current: CurrentPlugin | undefined,
  namespace: CurrentPlugin["namespace"],
): Promise<void> => {
  const { installer, store, plugins } = deps;
  const { file, updates } = noted;
  const kept = keptFields(current, noted);
  if (current) await restoreSettings(deps, current, before.settings, kept);
  const isPlaced =
    current?.locked.sha256 === file?.sha256 && current?.record.registry === (file?.registry ?? null);
  if (file && !isPlaced) await installer.restoreVersion(namespace, file, before.granted, { isUndo: true });
  else if (!kept.has("granted")) await store.grant(namespace, before.granted);
  const { updates: now = {} } = (await store.get(namespace)) ?? {};
  // A change of the version changes these too.
  const stays = (field: string) => isPlaced && kept.has(field);
  const choices = {
    ...updates,
    ...(stays("automatic") && { automatic: now.automatic }),
    ...(now.hold && stays("hold") && { hold: now.hold }),
    ...(stays("skipped") && { skipped: now.skipped }),
  };
  await store.changeUpdates(namespace, exactChoices(now, choices));
  if (!stays("chain")) await setConditions(deps.documents, namespace, before.chain);
  const { enabled, hidden, priority } = {
    ...before,
    ...(kept.has("enabled") && { enabled: current?.locked.enabled }),
    ...(kept.has("hidden") && { hidden: current?.locked.hidden }),
    ...(kept.has("priority") && { priority: current?.locked.priority }),
  };
  if (enabled !== undefined)
    await store.configure(namespace, { enabled, hidden: hidden ?? false, priority: priority ?? 0 });
  await plugins.reload(namespace);
};

const removeInstalled = async (
  deps: UndoDeps,
  { left, updates }: PluginBefore,
  current: CurrentPlugin,
): Promise<void> => {
  const { namespace, record } = current;
  if (left) await restoreSettings(deps, current, left.settings);
  await setConditions(deps.documents, namespace, undefined);
  await deps.installer.uninstall(namespace, {
    dropSettings: left === null,
    ignoreRequirements: true,
  });
  if (left === null) return;
  const { enabled, hidden, priority } = left;
  await deps.store.configure(namespace, { enabled, hidden, priority });
  await deps.store.changeUpdates(namespace, exactChoices(record.updates ?? {}, updates));
};

/** Whether nothing of a plugin is to be put back. */
const isAsBefore = ({ locked, record }: CurrentPlugin, { locked: before, file }: PluginBefore): boolean =>
  before !== null &&
  locked.sha256 === before.sha256 &&
  record.registry === (file?.registry ?? null) &&
  differences(locked, before).length === 0;

/**
 * Puts back what a sync changed, the latest first. One that cannot be put back does not keep the others from it.
 * @returns what is left
 */
export const undoSync = async (
  deps: UndoDeps,
  { added, plugins, policies }: SyncJournal,
): Promise<string[]> => {
  const current = await readCurrentSet(deps);
  const undoPlugin = async (before: PluginBefore): Promise<void> => {
    const namespace = toNamespace(before.namespace);
    const now = current.plugins.get(namespace);
    if (now && isAsBefore(now, before)) return;
    if (before.locked) await restoreInstalled(deps, before, before.locked, now, namespace);
    else if (now) await removeInstalled(deps, before, now);
  };
  const rules = policies ? [policies] : [];
  const failed = [
    ...(await inRounds(rules, (one) => undoPolicies(deps.documents, one))).map(({ error }) => ({
      left: "the rules for what plugins may write",
      error,
    })),
    ...(await inRounds(plugins.toReversed(), undoPlugin)).map(({ item, error }) => ({
      left: item.namespace,
      error,
    })),
    ...(await inRounds(added, deps.registries.delete)).map(({ item, error }) => ({ left: item, error })),
  ];
  for (const { left, error: err } of failed)
    deps.log.error({ err, left }, "a part of a sync could not be undone");
  return failed.map(({ left }) => left);
};
