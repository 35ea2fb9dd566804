import { type Static, Type } from "typebox";
import { Namespace } from "./namespace.ts";

/** The types of plugins, as in LANraragi. */
export const pluginTypes = ["metadata", "download", "login", "script"] as const;

export const PluginType = Type.Enum([...pluginTypes], {
  description: "The type of a plugin.",
});
export type PluginType = Static<typeof PluginType>;

/** Text that is not empty. */
export const Text = Type.String({ minLength: 1 });

/** Limits of LANraragi's registries, in bytes. */
export const MAX_INDEX_BYTES = 100 * 1024 * 1024;
export const MAX_ARTIFACT_BYTES = 1024 * 1024;

/** The largest file of a plugin with an inline source map, which does not count against MAX_ARTIFACT_BYTES. */
export const MAX_ARTIFACT_FILE_BYTES = 8 * 1024 * 1024;

/** The most versions of one plugin in registry.json. */
export const MAX_VERSIONS = 2000;

/** A plugin's name, and its author. */
export const ShortText = Type.String({ minLength: 1, maxLength: 256 });
export const MAX_DESCRIPTION = 8192;

const closed = { additionalProperties: false } as const;

/** One published version of a plugin in registry.json. */
export const IndexVersion = Type.Object(
  {
    version: Text,
    name: ShortText,
    author: ShortText,
    description: Type.String({ minLength: 1, maxLength: MAX_DESCRIPTION }),
    /** The file, relative to the folder of registry.json. */
    artifact: Text,
    sha256: Type.String({ pattern: "^[0-9a-f]{64}$" }),
    published_at: Text,
  },
  closed,
);
export type IndexVersion = Static<typeof IndexVersion>;

/** One plugin in registry.json with its versions, keyed by version. */
export const IndexPlugin = Type.Object(
  {
    namespace: Namespace,
    type: PluginType,
    versions: Type.Record(Type.String(), IndexVersion, { maxProperties: MAX_VERSIONS }),
  },
  closed,
);
export type IndexPlugin = Static<typeof IndexPlugin>;

/** registry.json, version 1, as LANraragi defines it. */
export const RegistryIndex = Type.Object(
  {
    version: Type.Literal(1),
    generated_at: Text,
    plugins: Type.Record(Type.String(), IndexPlugin),
  },
  closed,
);
export type RegistryIndex = Static<typeof RegistryIndex>;
