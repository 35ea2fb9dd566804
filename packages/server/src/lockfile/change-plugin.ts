import { isDeepStrictEqual } from "node:util";
import type { LockedPlugin, Namespace, ParameterValue, UpdateChoices } from "@hitagi/contract";
import type { Documents } from "../documents/documents.ts";
import type { Plugins } from "../plugins/types.ts";
import { scopesOf } from "../runtimes/broker/grants.ts";
import type { UpdateChange } from "../store/types.ts";
import { setConditions } from "./chain-conditions.ts";
import { type CurrentPlugin, normalPermissions } from "./current-set.ts";
import { differences } from "./differences.ts";
import { secretRefused } from "./plan-notes.ts";

/** The owner's choices about updates, with the times at which they were made. */
export const choicesOf = ({ automatic, hold, skipped = [] }: LockedPlugin, now: number): UpdateChoices => ({
  ...(automatic !== undefined && { automatic }),
  ...(hold && { hold: { ...hold, since: now } }),
  skipped: skipped.map((one) => ({ ...one, since: now })),
});

/** The change that leaves exactly these choices. */
export const exactChoices = (before: UpdateChoices, after: UpdateChoices): UpdateChange => ({
  hold: after.hold ?? null,
  automatic: after.automatic ?? null,
  unskip: (before.skipped ?? []).map(({ version }) => version),
  skip: after.skipped ?? [],
});

type Changing = Pick<Plugins, "grant" | "configure" | "changeUpdates" | "putSettings" | "settings">;

/** The permissions of the lock file; those that differ in files alone leave an open network as it is. */
const grantTo = async (plugins: Changing, { namespace, locked }: CurrentPlugin, wanted: LockedPlugin) => {
  const [here, there] = [locked.granted, wanted.granted].map((one) => normalPermissions(scopesOf(one)));
  const { files = [] } = wanted.granted;
  await plugins.grant(namespace, isDeepStrictEqual(here, there) ? { files } : wanted.granted);
};

/**
 * A lock file sets no secret: the plan would show it, and an undo could not put back the one before.
 * @throws HitagiError VALIDATION_FAILED
 */
const assertNoSecret = async (
  plugins: Pick<Plugins, "settings">,
  namespace: Namespace,
  names: readonly string[],
): Promise<void> => {
  const own = await plugins.settings(namespace);
  const secret = own.find(({ name, value }) => value === undefined && names.includes(name));
  if (secret) throw secretRefused(namespace, secret.name);
};

/**
 * Makes all of an installed plugin but its version what a lock file says. It is enabled after its settings are in place.
 * @param now epoch seconds
 * @throws HitagiError PERMISSION_NOT_ASKED, FILE_NOT_GRANTABLE, SETTING_UNKNOWN, SETTING_INVALID, VALIDATION_FAILED (a secret has a value), and what the store throws
 */
export const changePlugin = async (
  plugins: Changing,
  current: CurrentPlugin,
  wanted: LockedPlugin,
  now: number,
  documents: Pick<Documents, "change">,
): Promise<void> => {
  const { namespace, record } = current;
  const changed = differences(current.locked, wanted);
  const has = (...fields: string[]) => changed.some(({ field }) => fields.includes(field));
  const settings = changed.flatMap(({ field, name = "" }) => (field === "setting" ? [name] : []));
  const values = settings.map((name): [string, ParameterValue | null] => [
    name,
    wanted.settings[name] ?? null,
  ]);
  if (has("granted")) await grantTo(plugins, current, wanted);
  if (settings.length > 0) {
    await assertNoSecret(plugins, namespace, settings);
    await plugins.putSettings(namespace, Object.fromEntries(values));
  }
  if (has("automatic", "hold", "skipped"))
    await plugins.changeUpdates(namespace, exactChoices(record.updates ?? {}, choicesOf(wanted, now)));
  if (has("chain")) await setConditions(documents, namespace, wanted.chain);
  if (has("enabled", "hidden", "priority")) {
    const { enabled = false, hidden = false, priority = 0 } = wanted;
    await plugins.configure(namespace, { enabled, hidden, priority });
  }
};

/** Lifts a hold, so that the version of a lock file can be installed. */
export const liftHold = (plugins: Changing, namespace: Namespace): Promise<UpdateChoices> =>
  plugins.changeUpdates(namespace, { hold: null });
