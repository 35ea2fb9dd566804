import { isDeepStrictEqual } from "node:util";
import {
  HitagiError,
  type Manifest,
  type Namespace,
  type Parameter,
  type ParameterValue,
  type Setting,
} from "@hitagi/contract";
import type { PluginRecord, PluginStore } from "../store/types.ts";
import { sourceOf, withheldFrom } from "./source.ts";
import type { ActivePlugin } from "./types.ts";

/** A plugin's settings as its code receives them. */
export type SettingValues = Record<string, ParameterValue>;

/** The settings of plugins, cached in memory, so that a call does not read the store. */
export interface PluginSettings {
  /**
   * A value for every parameter of the manifest: the owner's if it is valid, else the default. A secret that was entered
   * for a plugin from another source counts as not set. The same object until something changes.
   */
  values(plugin: ActivePlugin): Promise<SettingValues>;
  /** Names of the parameters without a valid value of the owner. */
  unset(plugin: ActivePlugin): Promise<readonly string[]>;
  /** For the owner to read: a secret shows only whether it is set. */
  describe(plugin: ActivePlugin): Promise<Setting[]>;
  /** Caches what the store holds now. An equal value keeps the cached object. */
  take(namespace: Namespace, stored: Stored | undefined): Promise<void>;
  /** @throws HitagiError SETTING_UNKNOWN, SETTING_INVALID, PLUGIN_NOT_FOUND */
  put(plugin: ActivePlugin, values: Record<string, ParameterValue | null>): Promise<void>;
}

const MAX_TEXT = 65_536;

const zero = { bool: false, int: 0, string: "", secret: "" } as const;

/** LANraragi's int settings have decimals where their default has them. */
const hasDecimals = ({ default_value: value }: Pick<Parameter, "default_value">): boolean =>
  typeof value === "number" && !Number.isInteger(value);

const fits = (parameter: Parameter, value: unknown): value is ParameterValue => {
  const { type } = parameter;
  if (type === "bool") return typeof value === "boolean";
  if (type === "int") return hasDecimals(parameter) ? Number.isFinite(value) : Number.isSafeInteger(value);
  return typeof value === "string" && value.length <= MAX_TEXT;
};

const parametersOf = ({ parameters = {} }: Manifest) => Object.entries(parameters);

/** LANraragi stores every value as text: 1 and 0, or digits. Both programs may use one store. */
const fromText = (type: Parameter["type"], value: ParameterValue | undefined): ParameterValue | undefined => {
  if (type === "bool" && (value === "1" || value === "0")) return value === "1";
  if (type === "int" && typeof value === "string" && /^-?\d{1,15}(?:\.\d{1,15})?$/.test(value))
    return Number(value);
  return value;
};

const stored = (values: SettingValues, name: string, parameter: Parameter): ParameterValue | undefined => {
  const value = fromText(parameter.type, Object.hasOwn(values, name) ? values[name] : undefined);
  return fits(parameter, value) ? value : undefined;
};

const defaultOf = (parameter: Parameter): ParameterValue =>
  fits(parameter, parameter.default_value) ? parameter.default_value : zero[parameter.type];

const effective = (manifest: Manifest, values: SettingValues) => {
  const own = parametersOf(manifest).map(
    ([name, parameter]) => [name, stored(values, name, parameter), defaultOf(parameter)] as const,
  );
  return {
    values: Object.fromEntries(own.map(([name, value, other]) => [name, value ?? other])),
    unset: own.filter(([, value]) => value === undefined).map(([name]) => name),
  };
};

/** A stored secret stays secret, even if a later version changes the parameter's type. */
const describeOne = (name: string, parameter: Parameter, { values, secrets }: Own): Setting => {
  const value = stored(values, name, parameter);
  const { default_value, ...shown } = parameter;
  const secret = parameter.type === "secret" || (value !== undefined && Object.hasOwn(secrets, name));
  if (secret) return { ...shown, name, set: value !== undefined };
  return { ...parameter, name, value: value ?? defaultOf(parameter), set: value !== undefined };
};

/** How values of a type are written, where its name does not say it. */
const forms: Partial<Record<Parameter["type"], string>> = {
  bool: " (yes or no)",
  int: " (a number)",
};

/** Why a version does not take values: SETTING_UNKNOWN, SETTING_INVALID. Neither shows the value, which may be a secret. */
export const settingErrors = (
  { namespace, manifest }: Pick<ActivePlugin, "namespace" | "manifest">,
  values: Readonly<Record<string, ParameterValue | null>>,
): HitagiError[] => {
  const parameters = new Map(parametersOf(manifest));
  return Object.entries(values).flatMap(([name, value]): HitagiError[] => {
    const parameter = parameters.get(name);
    if (parameter === undefined) return [new HitagiError("SETTING_UNKNOWN", { namespace, name })];
    if (value === null || fits(parameter, value)) return [];
    const { type } = parameter;
    return [new HitagiError("SETTING_INVALID", { namespace, name, type, form: forms[type] ?? "" })];
  });
};

/** @throws HitagiError SETTING_UNKNOWN, SETTING_INVALID */
const check = (
  plugin: Pick<ActivePlugin, "namespace" | "manifest">,
  values: Record<string, ParameterValue | null>,
): void => {
  const [error] = settingErrors(plugin, values);
  if (error) throw error;
};

/** A value for every parameter of a plugin: the given one, else its default. @throws HitagiError SETTING_UNKNOWN, SETTING_INVALID */
export const completeSettings = (
  plugin: Pick<ActivePlugin, "namespace" | "manifest">,
  given: Readonly<Record<string, ParameterValue>>,
): SettingValues => {
  check(plugin, given);
  return Object.fromEntries(
    parametersOf(plugin.manifest).map(([name, parameter]) => [name, given[name] ?? defaultOf(parameter)]),
  );
};

type Stored = Pick<PluginRecord, "settings" | "secrets">;

const storedOf = ({ settings = {}, secrets = {} }: Partial<Stored> = {}): Stored => ({ settings, secrets });

/** The settings of a namespace without the secrets of plugins from other sources. */
interface Own {
  values: SettingValues;
  secrets: Stored["secrets"];
}

const ownOf = (plugin: ActivePlugin, { settings, secrets }: Stored): Own => {
  const withheld = new Set(withheldFrom({ settings, secrets }, sourceOf(plugin)));
  const values = Object.entries(settings).filter(([name]) => !withheld.has(name));
  return { values: Object.fromEntries(values), secrets };
};

/** The secrets among the values, each with the plugin's source. */
const secretsIn = (plugin: ActivePlugin, values: Record<string, ParameterValue | null>) => {
  const secret = parametersOf(plugin.manifest).filter(([, { type }]) => type === "secret");
  const entered = secret.filter(([name]) => Object.hasOwn(values, name));
  return Object.fromEntries(entered.map(([name]) => [name, sourceOf(plugin)]));
};

export const createPluginSettings = (store: Pick<PluginStore, "get" | "set">): PluginSettings => {
  const loaded = new Map<Namespace, Promise<Stored>>();
  /** By the stored settings, which are a new object after every change. */
  const computed = new WeakMap<
    Stored,
    { manifest: Manifest; source: string } & ReturnType<typeof effective>
  >();

  const load = (namespace: Namespace): Promise<Stored> => {
    const known = loaded.get(namespace);
    if (known !== undefined) return known;
    const reading = store.get(namespace).then(storedOf);
    loaded.set(namespace, reading);
    reading.catch(() => loaded.delete(namespace));
    return reading;
  };

  const compute = async (plugin: ActivePlugin): Promise<ReturnType<typeof effective>> => {
    const { manifest } = plugin;
    const source = sourceOf(plugin);
    const raw = await load(plugin.namespace);
    const known = computed.get(raw);
    if (known?.manifest === manifest && known.source === source) return known;
    const found = { manifest, source, ...effective(manifest, ownOf(plugin, raw).values) };
    computed.set(raw, found);
    return found;
  };

  return {
    values: async (plugin) => (await compute(plugin)).values,
    unset: async (plugin) => (await compute(plugin)).unset,
    async describe(plugin) {
      const own = ownOf(plugin, await load(plugin.namespace));
      return parametersOf(plugin.manifest).map(([name, parameter]) => describeOne(name, parameter, own));
    },
    async take(namespace, record) {
      const stored = storedOf(record);
      const known = await loaded.get(namespace)?.catch(() => undefined);
      if (!isDeepStrictEqual(known, stored)) loaded.set(namespace, Promise.resolve(stored));
    },
    async put(plugin, values) {
      check(plugin, values);
      await store.set(plugin.namespace, values, secretsIn(plugin, values));
      loaded.delete(plugin.namespace);
    },
  };
};
