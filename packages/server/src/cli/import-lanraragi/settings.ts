import type { InstalledPlugin, ParameterValue, Setting } from "@hitagi/contract";
import type { LanraragiPlugin } from "./types.ts";

const ON = new Set(["1", "true", "on", "yes"]);
const OFF = new Set(["0", "false", "off", "no", ""]);

/** A value as LANraragi keeps it, in the setting's type; undefined where it is none of that type. */
const typed = (type: Setting["type"], given: unknown): ParameterValue | undefined => {
  const text = given === null || given === undefined ? "" : String(given);
  if (type === "bool")
    return ON.has(text.toLowerCase()) ? true : OFF.has(text.toLowerCase()) ? false : undefined;
  if (type === "int") return /^\s*-?\d{1,15}\s*$/.test(text) ? Number(text) : undefined;
  return typeof given === "object" ? undefined : text;
};

/** The names of the settings that values by place are for. */
const namesByPlace = ({ manifest }: Pick<InstalledPlugin, "manifest">, settings: Setting[]): string[] =>
  manifest.to_named_params ?? settings.map(({ name }) => name);

export interface Carried {
  /** What is to be set: values that differ from those that hold. */
  values: Record<string, ParameterValue>;
  /** What cannot be, and why; no values. */
  refused: string[];
}

/**
 * What of a plugin's settings there can be set here. Those that have a name win over those that have only a place, as in
 * LANraragi.
 */
export const carriedSettings = (
  { named, positional, faults }: LanraragiPlugin,
  plugin: Pick<InstalledPlugin, "manifest">,
  settings: Setting[],
): Carried => {
  const names = namesByPlace(plugin, settings);
  const byPlace = positional.map((value, n): [string, unknown] => [names[n] ?? `number ${n + 1}`, value]);
  const known = new Map(settings.map((setting) => [setting.name, setting]));
  const carried: Carried = { values: {}, refused: [...faults] };
  for (const [name, given] of new Map([...byPlace, ...Object.entries(named)])) {
    const setting = known.get(name);
    // An empty text is how LANraragi keeps what nobody has set.
    const empty = given === "" || given === null;
    if (empty && setting?.type !== "string") continue;
    if (setting === undefined) {
      if (!empty) carried.refused.push(`it has no setting ${name}`);
      continue;
    }
    const value = typed(setting.type, given);
    if (value === undefined) carried.refused.push(`${name} is no ${setting.type}`);
    else if (setting.type === "secret" ? !setting.set : value !== setting.value) carried.values[name] = value;
  }
  return carried;
};
