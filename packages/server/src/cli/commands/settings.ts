import type { ParameterValue, Setting } from "@hitagi/contract";
import type { CliCommand } from "../command.ts";
import { UsageError } from "../failure.ts";
import type { Session } from "../session.ts";
import type { Cell, Columns } from "../table.ts";

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

const change = async (session: Session, namespace: string, pairs: string[], reset: string[]) => {
  const params = { namespace };
  const { settings } = await session.client.getSettings({ params });
  if (pairs.length === 0 && reset.length === 0) return settings;
  const types = new Map(settings.map((s) => [s.name, s.type]));
  const set = pairs
    .map(assignment)
    .map(([name, text]) => [name, valueFrom(text, types.get(name) ?? "string")] as const);
  const body = Object.fromEntries([...set, ...reset.map((name) => [name, null] as const)]);
  return (await session.client.putSettings({ params, body })).settings;
};

const settings = async (
  session: Session,
  namespace: string,
  pairs: string[],
  options: { reset?: string[] },
): Promise<void> => {
  const current = await change(session, namespace, pairs, options.reset ?? []);
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
    .runRemote(settings);
};
