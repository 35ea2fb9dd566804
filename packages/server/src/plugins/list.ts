import type {
  Confinement,
  InstalledPlugin,
  KeptVersion,
  ListedPlugin,
  Manifest,
  PluginTrust,
  UnavailableFile,
} from "@hitagi/contract";
import type { StoredVersion } from "../store/types.ts";
import type { ActivePlugin } from "./types.ts";
import { cooldownOf } from "./use/cooldown.ts";

/** LANraragi's clients know these flags of metadata plugins only. */
const flagsOf = ({ manifest, enabled, hidden, priority }: ActivePlugin) =>
  manifest.type === "metadata" ? { enabled, hidden, priority } : {};

/** LANraragi's clients do not know the type `secret`: they see a string. */
const parametersOf = ({ parameters = {} }: Manifest): ListedPlugin["parameters"] =>
  Object.entries(parameters).map(([name, { type, desc = "", default_value }]) =>
    type === "secret"
      ? { name, desc, type: "string" }
      : { name, desc, type, ...(default_value !== undefined && { default_value }) },
  );

/** A plugin in LANraragi's list. */
export const listedPlugin = (plugin: ActivePlugin): ListedPlugin => {
  const { manifest, registry, code } = plugin;
  return {
    author: manifest.author,
    description: manifest.description,
    icon: manifest.icon ?? "",
    name: manifest.name,
    namespace: plugin.namespace,
    oneshot_arg: manifest.oneshot_arg ?? "",
    parameters: parametersOf(manifest),
    type: manifest.type,
    version: manifest.version,
    login_from: manifest.login_from ?? "",
    url_regex: manifest.url_regex ?? "",
    cooldown: cooldownOf(manifest),
    registry,
    sha256: plugin.origin === "managed" ? code.sha256 : null,
    ...flagsOf(plugin),
  };
};

/** The names of registries by their ids. */
export type RegistryNames = ReadonlyMap<string, string>;

const registryOf = (registry: string | null, names: RegistryNames) => ({
  registry,
  registryName: (registry !== null && names.get(registry)) || null,
});

/** A version that is kept for a rollback. @param current the sha256 of the installed version */
export const keptVersion = (
  { version, sha256, registry, installed, left }: StoredVersion,
  current: string | undefined,
  names: RegistryNames,
): KeptVersion => ({
  ...{ version, sha256, ...registryOf(registry, names), installed, current: sha256 === current },
  ...(left && sha256 !== current && { left }),
});

/**
 * A plugin's full record, with the versions that it can be rolled back to.
 * @param unavailableFiles the granted paths that it cannot be given now
 */
export const installedPlugin = (
  plugin: ActivePlugin,
  kept: readonly StoredVersion[],
  confinement: Confinement,
  trust: PluginTrust,
  names: RegistryNames,
  unavailableFiles: readonly UnavailableFile[] = [],
): InstalledPlugin => {
  const { manifest, code } = plugin;
  const versions = kept.map((one) => keptVersion(one, code.sha256, names));
  return {
    namespace: plugin.namespace,
    type: manifest.type,
    name: manifest.name,
    version: manifest.version,
    origin: plugin.origin,
    runtime: plugin.runtime,
    confinement,
    ...registryOf(plugin.registry, names),
    sha256: plugin.origin === "builtin" ? null : code.sha256,
    path: plugin.path,
    manifest: withoutSecretDefaults(manifest),
    granted: plugin.granted,
    ...(unavailableFiles.length > 0 && { unavailableFiles: [...unavailableFiles] }),
    health: plugin.health,
    trust,
    versions,
    ...(plugin.updates && { updates: plugin.updates }),
    ...flagsOf(plugin),
  };
};

/** The default of a secret is secret too. */
const withoutSecretDefaults = (manifest: Manifest): Manifest => {
  if (manifest.parameters === undefined) return manifest;
  const parameters = Object.entries(manifest.parameters).map(([name, { default_value, ...parameter }]) => [
    name,
    parameter.type === "secret" || default_value === undefined ? parameter : { ...parameter, default_value },
  ]);
  return { ...manifest, parameters: Object.fromEntries(parameters) };
};
