import { createHash } from "node:crypto";
import {
  type IndexPlugin,
  type IndexVersion,
  type PluginType,
  type RegistryIndex,
  toNamespace,
} from "@hitagi/contract";

const TYPES: readonly PluginType[] = ["metadata", "download", "login", "script"];
const WORDS =
  "archive artist chapter circle cover gallery language magazine manga metadata parody reader scanner series source tag title translation volume webtoon".split(
    " ",
  );

const words = (seed: number, count: number): string =>
  Array.from({ length: count }, (_, i) => WORDS[(seed * 7 + i * (1 + (seed % 5))) % WORDS.length]).join(" ");

const versionOf = (namespace: string, seed: number, minor: number): IndexVersion => ({
  version: `1.${minor}.0`,
  name: `Plugin ${seed} ${words(seed, 2)}`,
  author: `author-${seed % 300}`,
  description: words(seed + minor, 26),
  artifact: `plugins/${namespace}/1.${minor}.0/${namespace}.ts`,
  sha256: createHash("sha256").update(`${namespace} ${minor}`).digest("hex"),
  published_at: `2025-${String(1 + (seed % 12)).padStart(2, "0")}-${String(1 + (minor % 28)).padStart(2, "0")}T12:00:00Z`,
});

const pluginOf = (seed: number, versions: number): IndexPlugin => {
  const namespace = `plugin-${String(seed).padStart(5, "0")}`;
  const entries = Array.from({ length: versions }, (_, minor) => versionOf(namespace, seed, minor));
  return {
    namespace: toNamespace(namespace),
    type: TYPES[seed % TYPES.length] ?? "metadata",
    versions: Object.fromEntries(entries.map((v) => [v.version, v])),
  };
};

/**
 * A large index, the same each time: by default 10,000 plugins of 5 versions, about 25 MB of JSON.
 * @param extra plugins that are added at the end, such as real ones of a fixture
 */
export const largeIndex = (
  plugins = 10_000,
  versions = 5,
  extra: Record<string, IndexPlugin> = {},
): RegistryIndex => ({
  version: 1,
  generated_at: "2026-01-02T03:04:05Z",
  plugins: {
    ...Object.fromEntries(
      Array.from({ length: plugins }, (_, i) => pluginOf(i, versions)).map((p) => [p.namespace, p]),
    ),
    ...extra,
  },
});
