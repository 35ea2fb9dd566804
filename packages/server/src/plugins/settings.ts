import {
  HitagiError,
  type Manifest,
  type Parameter,
  type ParameterValue,
  type Setting,
} from "@hitagi/contract";
import type { PluginStore } from "../store/types.ts";
import type { ActivePlugin } from "./types.ts";

/** A plugin's settings as its code gets them. */
export type SettingValues = Record<string, ParameterValue>;

/** The settings of plugins. What the store holds is kept in memory, so that a call reads nothing from it. */
export interface PluginSettings {
  /**
   * A value for every parameter of the manifest: the owner's where it still fits, else the default. The same object
   * until something changes.
   */
  values(plugin: ActivePlugin): Promise<SettingValues>;
  /** For the owner to read: a secret shows only whether it is set. */
  describe(plugin: ActivePlugin): Promise<Setting[]>;
  /** @throws HitagiError SETTING_UNKNOWN, SETTING_INVALID, PLUGIN_NOT_FOUND */
  put(plugin: ActivePlugin, values: Record<string, ParameterValue | null>): Promise<void>;
}

const MAX_TEXT = 65_536;

const zero = { bool: false, int: 0, string: "", secret: "" } as const;

const fits = (type: Parameter["type"], value: unknown): value is ParameterValue => {
  if (type === "bool") return typeof value === "boolean";
  if (type === "int") return Number.isSafeInteger(value);
  return typeof value === "string" && value.length <= MAX_TEXT;
};

const parametersOf = ({ parameters = {} }: Manifest) => Object.entries(parameters);

const stored = (values: SettingValues, name: string, { type }: Parameter): ParameterValue | undefined => {
  const value = Object.hasOwn(values, name) ? values[name] : undefined;
  return fits(type, value) ? value : undefined;
};

const defaultOf = ({ type, default_value }: Parameter): ParameterValue =>
  fits(type, default_value) ? default_value : zero[type];

const effective = (manifest: Manifest, values: SettingValues): SettingValues =>
  Object.fromEntries(
    parametersOf(manifest).map(([name, parameter]) => [
      name,
      stored(values, name, parameter) ?? defaultOf(parameter),
    ]),
  );

const describeOne = (name: string, parameter: Parameter, values: SettingValues): Setting => {
  const value = stored(values, name, parameter);
  const { default_value, ...shown } = parameter;
  if (parameter.type === "secret") return { ...shown, name, set: value !== undefined };
  return { ...parameter, name, value: value ?? defaultOf(parameter), set: value !== undefined };
};

/** @throws HitagiError SETTING_UNKNOWN, SETTING_INVALID; neither shows the value, which may be a secret */
const check = ({ namespace, manifest }: ActivePlugin, values: Record<string, ParameterValue | null>) => {
  const parameters = new Map(parametersOf(manifest));
  for (const [name, value] of Object.entries(values)) {
    const parameter = parameters.get(name);
    if (parameter === undefined) throw new HitagiError("SETTING_UNKNOWN", { namespace, name });
    if (value !== null && !fits(parameter.type, value)) {
      throw new HitagiError("SETTING_INVALID", { namespace, name, type: parameter.type });
    }
  }
};

export const createPluginSettings = (store: Pick<PluginStore, "get" | "set">): PluginSettings => {
  const loaded = new Map<string, Promise<SettingValues>>();
  /** By the stored values, which are a new object after every change. */
  const computed = new WeakMap<SettingValues, { manifest: Manifest; values: SettingValues }>();

  const load = (namespace: string): Promise<SettingValues> => {
    const known = loaded.get(namespace);
    if (known !== undefined) return known;
    const reading = store.get(namespace).then((record) => record?.settings ?? {});
    loaded.set(namespace, reading);
    reading.catch(() => loaded.delete(namespace));
    return reading;
  };

  return {
    async values({ namespace, manifest }) {
      const raw = await load(namespace);
      const known = computed.get(raw);
      if (known?.manifest === manifest) return known.values;
      const values = effective(manifest, raw);
      computed.set(raw, { manifest, values });
      return values;
    },
    async describe({ namespace, manifest }) {
      const raw = await load(namespace);
      return parametersOf(manifest).map(([name, parameter]) => describeOne(name, parameter, raw));
    },
    async put(plugin, values) {
      check(plugin, values);
      await store.set(plugin.namespace, values);
      loaded.delete(plugin.namespace);
    },
  };
};
