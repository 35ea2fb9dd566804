import type { Permissions, PluginType, Requirements } from "@hitagi/contract";
import type { FixturePlugin } from "../support/registry-fixture.ts";

export interface SourceOptions {
  namespace?: string;
  version?: string;
  type?: PluginType;
  permissions?: Permissions;
  requires?: Requirements;
  /** Statements that run when the plugin is loaded. */
  atLoad?: string;
}

const entryOf: Record<PluginType, string> = {
  metadata: "getTags",
  download: "provideUrl",
  login: "login",
  script: "run",
};

/** A plugin's text. Each entry point returns the version. */
export const pluginSource = ({
  namespace = "echo",
  version = "1.0.0",
  type = "script",
  permissions,
  requires,
  atLoad = "",
}: SourceOptions = {}): string => `${atLoad}
export default {
  namespace: "${namespace}", type: "${type}", name: "The ${namespace} plugin", version: "${version}",
  author: "fixture", description: "Answers its version",
  ${type === "download" ? 'url_regex: "^https://files[.]example/",' : ""}
  ${requires ? `requires: ${JSON.stringify(requires)},` : ""}
  ${permissions ? `permissions: ${JSON.stringify(permissions)},` : ""}
  async ${entryOf[type]}() { return { version: "${version}" }; },
};
`;

/** A plugin of a registry with the versions named, each sound. */
export const offered = (
  namespace: string,
  versions: string[],
  options: Omit<SourceOptions, "namespace" | "version"> = {},
): FixturePlugin => ({
  namespace,
  type: options.type ?? "script",
  versions: versions.map((version) => ({
    version,
    source: pluginSource({ ...options, namespace, version }),
  })),
});
