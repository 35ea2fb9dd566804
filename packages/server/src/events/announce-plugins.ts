import type { ServerEvent } from "@hitagi/contract";
import { gt, valid } from "semver";
import type { Installer } from "../install/types.ts";
import type { ActiveSet } from "../plugins/registry/active.ts";
import type { ActivePlugin, Plugins } from "../plugins/types.ts";
import type { Publish } from "./types.ts";

type Action = Extract<ServerEvent, { kind: "plugin" }>["action"];

const versionOf = (plugin: ActivePlugin | undefined): string | null => plugin?.manifest.version ?? null;

/** What happened to a plugin, by its versions before and after. Those of sideloaded plugins need not be SemVer. */
const actionOf = (from: string | null, version: string | null): Action => {
  if (version === null) return "removed";
  if (from === null || from === version) return "installed";
  return valid(from) && valid(version) && gt(from, version) ? "downgraded" : "upgraded";
};

/**
 * An installer whose changes are told of as they come into force, each plugin of an upgrade of several for itself.
 * @param make composes the installer over the running set that it is given
 */
export const announceInstalls = (
  active: ActiveSet,
  publish: Publish,
  make: (active: ActiveSet) => Installer,
): Installer => {
  /** Namespaces that are being rolled back; only one operation at a time runs on each. */
  const rollingBack = new Set<string>();
  const installer = make({
    ...active,
    set: (namespace, plugin) => {
      const from = versionOf(active.get(namespace));
      active.set(namespace, plugin);
      const version = versionOf(plugin);
      if (from === null && version === null) return;
      const action = rollingBack.has(namespace.toLowerCase()) ? "rolled_back" : actionOf(from, version);
      publish({ kind: "plugin", action, namespace: namespace.toLowerCase(), version, from });
    },
  });
  return {
    ...installer,
    rollback: async (namespace, ...given) => {
      rollingBack.add(namespace.toLowerCase());
      try {
        return await installer.rollback(namespace, ...given);
      } finally {
        rollingBack.delete(namespace.toLowerCase());
      }
    },
  };
};

const tellOf = (publish: Publish, action: "configured" | "quarantined", plugin: ActivePlugin | undefined) => {
  if (plugin === undefined) return;
  const version = versionOf(plugin);
  publish({ kind: "plugin", action, namespace: plugin.namespace, version, from: version });
};

/** A running set whose changes of flags, grants and health are told of. */
export const announcePatches = (active: ActiveSet, publish: Publish): ActiveSet => ({
  ...active,
  patch: (namespace, fields) => {
    active.patch(namespace, fields);
    const action = fields.health?.state === "quarantined" ? "quarantined" : "configured";
    tellOf(publish, action, active.get(namespace));
  },
});

/** The plugins, told of when their settings were changed. */
export const announceSettings = <P extends Plugins>(
  plugins: P,
  active: Pick<ActiveSet, "get">,
  publish: Publish,
): P => ({
  ...plugins,
  putSettings: async (namespace, ...given) => {
    const settings = await plugins.putSettings(namespace, ...given);
    tellOf(publish, "configured", active.get(namespace));
    return settings;
  },
});
