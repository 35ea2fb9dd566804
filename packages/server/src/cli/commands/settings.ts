import type { ParameterValue, Setting } from "@hitagi/contract";
import type { CliCommand } from "../command.ts";
import { confirm } from "../confirm.ts";
import { UsageError } from "../failure.ts";
import type { Session } from "../session.ts";
import type { Cell, Columns } from "../table.ts";
import { sayUndo } from "../undo.ts";

const shown = (s: Setting): Cell => {
  if (s.type === "secret") return s.set ? "(set)" : "(not set)";
  return s.value ?? s.default_value ?? null;
};

/** The columns of a plugin's settings. A secret shows only if it is set. */
export const settingColumns: Columns<Setting> = {
  SETTING: "name",
  TYPE: "type",
  VALUE: shown,
  SET: "set",
  DESCRIPTION: "desc",
};

const booleans: Record<string, boolean> = {
  true: true,
  yes: true,
  on: true,
  false: false,
  no: false,
  off: false,
};

/** Converts a value to its setting's type. An invalid one stays text, and the server refuses it. */
const valueFrom = (text: string, type: Setting["type"]): ParameterValue => {
  if (type === "bool") return booleans[text.toLowerCase()] ?? text;
  return type === "int" && /^-?\d+(?:\.\d+)?$/.test(text) ? Number(text) : text;
};

const assignment = (text: string): [name: string, value: string] => {
  const at = text.indexOf("=");
  if (at > 0) return [text.slice(0, at), text.slice(at + 1)];
  throw new UsageError(`${text} is not a setting with a value.`, "Use the form name=value.");
};

interface SettingsOptions {
  reset?: string[];
  yes?: boolean;
}

/** Asks before a stored secret is replaced or removed: it is not shown, so that nothing brings it back. */
const agree = async (
  { io }: Session,
  namespace: string,
  changed: readonly Setting[],
  options: SettingsOptions,
): Promise<void> => {
  const lost = changed.filter(({ type, set }) => type === "secret" && set).map(({ name }) => name);
  if (lost.length === 0) return;
  const what = `${namespace} has a stored ${lost.join(", ")}, which is lost with this change.`;
  await confirm(io, { what, ask: "Change it?", does: "change it" }, options);
};

/** The arguments that give settings the values that they had. Secrets cannot be restored. */
const undoOf = (changed: readonly Setting[]): string[] => {
  const open = changed.filter(({ type, set }) => !set || type !== "secret");
  const values = open.flatMap(({ name, set, value }) => (set ? [`${name}=${value ?? ""}`] : []));
  const resets = open.flatMap(({ name, set }) => (set ? [] : [name]));
  return [...values, ...(resets.length > 0 ? ["--reset", ...resets] : [])];
};

const change = async (
  session: Session,
  namespace: string,
  pairs: string[],
  options: SettingsOptions,
): Promise<Setting[]> => {
  const { reset = [] } = options;
  const params = { namespace };
  const { settings } = await session.client.getSettings({ params });
  if (pairs.length === 0 && reset.length === 0) return settings;
  const types = new Map(settings.map((s) => [s.name, s.type]));
  const set = pairs
    .map(assignment)
    .map(([name, text]) => [name, valueFrom(text, types.get(name) ?? "string")] as const);
  const body = Object.fromEntries([...set, ...reset.map((name) => [name, null] as const)]);
  const changed = settings.filter(({ name }) => Object.hasOwn(body, name));
  await agree(session, namespace, changed, options);
  const after = (await session.client.putSettings({ params, body })).settings;
  const undo = undoOf(changed);
  if (undo.length > 0) sayUndo(session.say, ["settings", namespace, ...undo]);
  return after;
};

const settings = async (
  session: Session,
  namespace: string,
  pairs: string[],
  options: SettingsOptions,
): Promise<void> => {
  const current = await change(session, namespace, pairs, options);
  session.printTable(current, settingColumns, `${namespace} has no settings.`);
};

/** `hitagi settings`: the settings of a plugin. */
export const settingsCommand = (program: CliCommand): void => {
  program
    .remote("settings <namespace> [values...]", "Show or change the settings of a plugin.")
    .examples(
      "hitagi settings copy-archive-tags copy_date_added=yes",
      "hitagi settings copy-archive-tags --reset copy_date_added",
    )
    .option("--reset <names...>", "restore the default")
    .option("-y, --yes", "do not ask before a stored secret is replaced")
    .runRemote(settings);
};
