import type { InstalledPlugin, ParameterValue, Setting } from "@hitagi/contract";
import { type ImportContext, runStep } from "./context.ts";
import type { LanraragiPlugin } from "./read.ts";

const ON = new Set(["1", "true", "on", "yes"]);
const OFF = new Set(["0", "false", "off", "no", ""]);

/** Converts a value of LANraragi to the setting's type; undefined if it does not fit. */
const typed = (type: Setting["type"], given: unknown): ParameterValue | undefined => {
  const text = given === null || given === undefined ? "" : String(given);
  if (type === "bool")
    return ON.has(text.toLowerCase()) ? true : OFF.has(text.toLowerCase()) ? false : undefined;
  if (type === "int") return /^\s*-?\d{1,15}(?:\.\d{1,15})?\s*$/.test(text) ? Number(text) : undefined;
  return typeof given === "object" ? undefined : text;
};

/** The names of positional settings. */
const positionalNames = ({ manifest }: Pick<InstalledPlugin, "manifest">, settings: Setting[]): string[] =>
  manifest.to_named_params ?? settings.map(({ name }) => name);

interface Converted {
  /** The values to set: those that differ from the current ones. */
  values: Record<string, ParameterValue>;
  /** Why others cannot be set; without values. */
  refused: string[];
}

/** Converts LANraragi's settings of a plugin. Named settings override positional ones, as in LANraragi. */
export const convertSettings = (
  { named, positional, faults }: LanraragiPlugin,
  plugin: Pick<InstalledPlugin, "manifest">,
  settings: Setting[],
): Converted => {
  const names = positionalNames(plugin, settings);
  const fromPositions = positional.map((value, n): [string, unknown] => [
    names[n] ?? `number ${n + 1}`,
    value,
  ]);
  const known = new Map(settings.map((setting) => [setting.name, setting]));
  const converted: Converted = { values: {}, refused: [...faults] };
  for (const [name, given] of new Map([...fromPositions, ...Object.entries(named)])) {
    const setting = known.get(name);
    // LANraragi stores an unset value as an empty text.
    const empty = given === "" || given === null;
    if (empty && setting?.type !== "string") continue;
    if (setting === undefined) {
      if (!empty) converted.refused.push(`it has no setting ${name}`);
      continue;
    }
    const value = typed(setting.type, given);
    if (value === undefined) converted.refused.push(`${name} is not a valid ${setting.type}`);
    else if (setting.type === "secret" ? !setting.set : value !== setting.value)
      converted.values[name] = value;
  }
  return converted;
};

/** Plans the settings of a planned plugin. Its parameters are unknown until it is installed. */
const planSettings = (context: ImportContext, { namespace, named, positional }: LanraragiPlugin): void => {
  const names = Object.keys(named);
  const older = positional.length > 0 ? [`${positional.length} older, by position`] : [];
  const note = [...names, ...older].join(", ");
  if (note !== "") context.report("settings", namespace, "planned", note);
};

/** Sets a plugin's settings. Their values are never shown. */
const importPluginSettings = async (context: ImportContext, plugin: LanraragiPlugin): Promise<void> => {
  const { namespace } = plugin;
  const here = context.installed.get(namespace);
  if (here === undefined) return planSettings(context, plugin);
  const params = { namespace };
  const { settings } = await context.client.getSettings({ params });
  const { values, refused } = convertSettings(plugin, here, settings);
  const note = Object.keys(values).join(", ");
  if (note !== "") {
    await runStep(context, { what: "settings", name: namespace, note }, () =>
      context.client.putSettings({ params, body: values }),
    );
  }
  for (const reason of refused) context.report("settings", namespace, "not done", reason);
};

const importFlags = async (context: ImportContext, { namespace, flags }: LanraragiPlugin): Promise<void> => {
  const here = context.installed.get(namespace);
  if (here !== undefined && here.type !== "metadata") return;
  const now = here ?? { enabled: false, hidden: false, priority: 0 };
  const differ = (["enabled", "hidden", "priority"] as const).filter(
    (name) => flags[name] !== undefined && flags[name] !== now[name],
  );
  if (differ.length === 0) return;
  const note = differ.map((name) => `${name} ${flags[name]}`).join(", ");
  const body = Object.fromEntries(differ.map((name) => [name, flags[name]]));
  await runStep(context, { what: "flags", name: namespace, note }, () =>
    context.client.configurePlugin({ params: { namespace }, body }),
  );
};

/** Imports the settings and flags of installed and planned plugins. Settings come first: a plugin must not run without them. */
export const importSettings = async (context: ImportContext): Promise<void> => {
  for (const plugin of context.foreign.plugins) {
    if (!context.installed.has(plugin.namespace) && !context.planned.has(plugin.namespace)) continue;
    await importPluginSettings(context, plugin);
    await importFlags(context, plugin);
  }
};
