import type { ParameterValue, Setting } from "@hitagi/contract";
import type { Command } from "commander";
import { serverCommand } from "../define-command.ts";
import { UsageError } from "../failure.ts";
import type { Io } from "../io.ts";
import { type Session, withSession } from "../session.ts";
import { type Cell, table } from "../table.ts";

const shown = (s: Setting): Cell => {
  if (s.type === "secret") return s.set ? "(set)" : "(not set)";
  return s.value ?? s.default_value ?? null;
};

/** A plugin's settings as a table. A secret shows only if it is set. */
export const settingsTable = (io: Io, settings: Setting[]): string =>
  table(
    io,
    ["SETTING", "TYPE", "VALUE", "SET", "DESCRIPTION"],
    settings.map((s) => [s.name, s.type, shown(s), s.set, s.desc]),
  );

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
  return type === "int" && /^-?\d+$/.test(text) ? Number(text) : text;
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
  const now = await change(session, namespace, pairs, options.reset ?? []);
  session.print(now, () =>
    now.length > 0 ? settingsTable(session.io, now) : `${namespace} has no settings.`,
  );
};

/** `hitagi settings`: the settings of a plugin. */
export const settingsCommand = (program: Command, io: Io): void => {
  serverCommand(
    program,
    "settings <namespace> [values...]",
    "Show or change the settings of a plugin.",
    "hitagi settings filename-parse keep_rest=yes",
    "hitagi settings filename-parse --reset keep_rest",
  )
    .option("--reset <names...>", "restore the default")
    .action(withSession(io, settings));
};
