import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import {
  type IndexPlugin,
  type IndexVersion,
  type PluginType,
  type RegistryIndex,
  toNamespace,
} from "@hitagi/contract";

/** One version of a fixture: its source, and the fields of the index that are wrong on purpose. */
export interface FixtureVersion extends Partial<IndexVersion> {
  version: string;
  /** The plugin file's text. */
  source: string;
}

export interface FixturePlugin {
  namespace: string;
  type: PluginType;
  versions: FixtureVersion[];
}

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

const versionEntry = (plugin: FixturePlugin, { source, ...overrides }: FixtureVersion): IndexVersion => ({
  name: `The ${plugin.namespace} plugin`,
  author: "fixture",
  description: `Does what ${plugin.namespace} does`,
  artifact: `plugins/${plugin.namespace}/${overrides.version}/${plugin.namespace}.ts`,
  sha256: sha256(source),
  published_at: "2026-01-02T03:04:05Z",
  ...overrides,
});

const pluginEntry = (plugin: FixturePlugin): IndexPlugin => ({
  namespace: toNamespace(plugin.namespace),
  type: plugin.type,
  versions: Object.fromEntries(plugin.versions.map((v) => [v.version, versionEntry(plugin, v)])),
});

/** The registry.json of some plugins, with the right hashes except where a version overrides them. */
export const fixtureIndex = (plugins: FixturePlugin[]): RegistryIndex => ({
  version: 1,
  generated_at: "2026-01-02T03:04:05Z",
  plugins: Object.fromEntries(plugins.map((p) => [p.namespace, pluginEntry(p)])),
});

/**
 * Writes a registry into a folder: every plugin file where the index says it is, then registry.json. May be
 * called again on the same folder to publish more. Files whose `artifact` leads out of the folder are not written.
 * @returns the index that was written
 */
export const writeRegistry = async (folder: string, plugins: FixturePlugin[]): Promise<RegistryIndex> => {
  const index = fixtureIndex(plugins);
  for (const plugin of plugins) {
    for (const version of plugin.versions) {
      const file = path.resolve(folder, versionEntry(plugin, version).artifact);
      if (!file.startsWith(path.resolve(folder) + path.sep)) continue;
      await mkdir(path.dirname(file), { recursive: true });
      await writeFile(file, version.source);
    }
  }
  await writeFile(path.join(folder, "registry.json"), JSON.stringify(index));
  return index;
};
