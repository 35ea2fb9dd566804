import type { Namespace, ServerEvent } from "@hitagi/contract";
import { gt, valid } from "semver";
import type { Installer } from "../install/types.ts";
import type { ActiveSet } from "../plugins/registry/active.ts";
import type { ActivePlugin, Plugins } from "../plugins/types.ts";
import { wrapMethods } from "../wrap-methods.ts";
import type { Publish } from "./types.ts";

type Action = Extract<ServerEvent, { kind: "plugin" }>["action"];

const versionOf = (plugin: ActivePlugin | undefined): string | null => plugin?.manifest.version ?? null;

/** What happened to a plugin, by its versions before and after. Versions of sideloaded plugins need not be SemVer. */
const actionOf = (from: string | null, version: string | null): Action => {
  if (version === null) return "removed";
  if (from === null || from === version) return "installed";
  return valid(from) && valid(version) && gt(from, version) ? "downgraded" : "upgraded";
};

/**
 * An installer that publishes an event with each version that it activates or removes.
 * @param make composes the installer over the active plugins that it is given
 */
export const announceInstalls = (
  active: ActiveSet,
  publish: Publish,
  make: (active: ActiveSet) => Installer,
): Installer => {
  /** Namespaces whose rollback runs; an installer runs one operation a namespace at a time. */
  const rollingBack = new Set<Namespace>();
  const announced = wrapMethods(active, {
    set: (set) => (namespace, plugin) => {
      const from = versionOf(active.get(namespace));
      set(namespace, plugin);
      const version = versionOf(plugin);
      if (from === null && version === null) return;
      const action = rollingBack.has(namespace) ? "rolled_back" : actionOf(from, version);
      publish({ kind: "plugin", action, namespace, version, from });
    },
    get: "unchanged",
    list: "unchanged",
    patch: "unchanged",
    revision: "unchanged",
  });
  // All operations activate through `set`, which publishes; only a rollback has an action of its own.
  return wrapMethods(make(announced), {
    rollback: (rollback) => async (namespace, version) => {
      rollingBack.add(namespace);
      try {
        return await rollback(namespace, version);
      } finally {
        rollingBack.delete(namespace);
      }
    },
    plan: "unchanged",
    install: "unchanged",
    upgrade: "unchanged",
    uninstall: "unchanged",
    sideload: "unchanged",
    verify: "unchanged",
    recover: "unchanged",
    reconcile: "unchanged",
    reconcileAll: "unchanged",
    replicateArtifacts: "unchanged",
  });
};

const publishOf = (
  publish: Publish,
  action: "configured" | "quarantined",
  plugin: ActivePlugin | undefined,
): void => {
  if (plugin === undefined) return;
  const version = versionOf(plugin);
  publish({ kind: "plugin", action, namespace: plugin.namespace, version, from: version });
};

/** Active plugins that publish an event with each change of flags, grants and health. */
export const announcePatches = (active: ActiveSet, publish: Publish): ActiveSet =>
  wrapMethods(active, {
    patch: (patch) => (namespace, fields) => {
      patch(namespace, fields);
      const action = fields.health?.state === "quarantined" ? "quarantined" : "configured";
      publishOf(publish, action, active.get(namespace));
    },
    get: "unchanged",
    list: "unchanged",
    set: "unchanged",
    revision: "unchanged",
  });

/** Plugins that publish an event after a change of settings; flags and grants change by {@link announcePatches}. */
export const announceSettings = (
  plugins: Plugins,
  active: Pick<ActiveSet, "get">,
  publish: Publish,
): Plugins =>
  wrapMethods(plugins, {
    putSettings: (putSettings) => async (namespace, values) => {
      const settings = await putSettings(namespace, values);
      publishOf(publish, "configured", active.get(namespace));
      return settings;
    },
    configure: "unchanged",
    grant: "unchanged",
    list: "unchanged",
    revision: "unchanged",
    records: "unchanged",
    record: "unchanged",
    settings: "unchanged",
    use: "unchanged",
    apply: "unchanged",
    applyEnabled: "unchanged",
    download: "unchanged",
    batches: "unchanged",
    mayWrite: "unchanged",
    anyEnabled: "unchanged",
    takesUrl: "unchanged",
    reload: "unchanged",
    scan: "unchanged",
  });
