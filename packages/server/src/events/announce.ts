import {
  type EventPolicy,
  errorCodeOf,
  type Namespace,
  type Schedule,
  type ServerEvent,
  type ServerPart,
  serverParts,
} from "@hitagi/contract";
import type { Catalog, Registries } from "../catalog/types.ts";
import { compareVersions } from "../catalog/version-choice.ts";
import type { Documents } from "../documents/documents.ts";
import type { Installer } from "../install/types.ts";
import type { JobObserver } from "../jobs/observed.ts";
import { outcomeOf } from "../jobs/outcome.ts";
import type { Keys } from "../keys/keys.ts";
import type { FolderLibrary } from "../library/folder.ts";
import type { OpenLibrary } from "../library/library.ts";
import type { Library } from "../library/types.ts";
import type { ActiveSet } from "../plugins/registry/active.ts";
import { type ActivePlugin, otherPluginMethods, type Plugins } from "../plugins/types.ts";
import type { Schedules } from "../schedules/types.ts";
import type { ArchiveRecord } from "../store/types.ts";
import { type MethodWrappers, unchanged, wrapMethods } from "../wrap-methods.ts";
import type { Publish } from "./types.ts";

type PluginAction = Extract<ServerEvent, { kind: "plugin" }>["action"];

const versionOf = (plugin: ActivePlugin | undefined): string | null => plugin?.manifest.version ?? null;

/** What happened to a plugin, by its versions before and after. Versions of sideloaded plugins need not be SemVer. */
const actionOf = (from: string | null, version: string | null): PluginAction => {
  if (version === null) return "removed";
  if (from === null || from === version) return "installed";
  return compareVersions(from, version) > 0 ? "downgraded" : "upgraded";
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
    ...unchanged("get", "list", "patch", "revision"),
  });
  // All operations activate through `set`, which publishes; only a rollback has an action of its own.
  return wrapMethods(make(announced), {
    rollback:
      (rollback) =>
      async (namespace, ...given) => {
        rollingBack.add(namespace);
        try {
          return await rollback(namespace, ...given);
        } finally {
          rollingBack.delete(namespace);
        }
      },
    ...unchanged(
      "plan",
      "planUpgrades",
      "judgeAutomatic",
      "judgeReturns",
      "planRestore",
      "manifest",
      "install",
      "upgrade",
      "uninstall",
      "reinstall",
      "moveToSideloaded",
      "restoreVersion",
      "sideload",
      "verify",
      "recover",
      "reconcile",
      "reconcileAll",
      "replicateArtifacts",
    ),
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
    ...unchanged("get", "list", "set", "revision"),
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
    ...unchanged("configure", "grant", "changeUpdates"),
    ...otherPluginMethods,
  });

/** The name of a registry, for its event; none where it cannot be read. */
const nameField = async ({ get }: Pick<Registries, "get">, id: string): Promise<{ name?: string }> =>
  get(id).then(
    ({ name }) => ({ name }),
    () => ({}),
  );

/** Registries that publish an event after each change. */
export const announceRegistries = (registries: Registries, publish: Publish): Registries =>
  wrapMethods(registries, {
    create: (create) => async (fields, credential) => {
      const created = await create(fields, credential);
      publish({ kind: "registry", action: "added", registry: created.id, name: created.name });
      return created;
    },
    update: (update) => async (id, change, credential) => {
      const updated = await update(id, change, credential);
      publish({ kind: "registry", action: "changed", registry: id, name: updated.name });
      return updated;
    },
    delete: (remove) => async (id) => {
      const named = await nameField(registries, id);
      await remove(id);
      publish({ kind: "registry", action: "removed", registry: id, ...named });
    },
    setDefault: (setDefault) => async (id) => {
      await setDefault(id);
      publish({ kind: "registry", action: "changed", registry: id, ...(await nameField(registries, id)) });
    },
    clearDefault: (clearDefault) => async () => {
      const id = await clearDefault();
      if (id !== "")
        publish({ kind: "registry", action: "changed", registry: id, ...(await nameField(registries, id)) });
      return id;
    },
    ...unchanged("list", "get", "getDefault"),
  });

/** A catalog that publishes an event after each refresh, also after one that failed. */
export const announceRefreshes = (
  catalog: Catalog,
  registries: Pick<Registries, "get">,
  publish: Publish,
): Catalog =>
  wrapMethods(catalog, {
    refresh:
      (refresh) =>
      async (registry, ...options) => {
        try {
          const refreshed = await refresh(registry, ...options);
          const outcome = refreshed.changed ? "changed" : "unchanged";
          const named = await nameField(registries, registry);
          publish({ kind: "registry", action: "refreshed", registry, ...named, outcome });
          return refreshed;
        } catch (error) {
          const outcome = errorCodeOf(error);
          if (outcome !== "REGISTRY_NOT_FOUND") {
            const named = await nameField(registries, registry);
            publish({ kind: "registry", action: "refresh_failed", registry, ...named, outcome });
          }
          throw error;
        }
      },
    ...unchanged("forget", "search", "offers", "details", "updates", "heldUpdates", "withdrawn", "resolve"),
    ...unchanged("artifact", "yankOf"),
  });

type ArchiveAction = "added" | "changed" | "removed";
type PublishArchive = (action: ArchiveAction, archive: Pick<ArchiveRecord, "id" | "title">) => void;

/** Publishes an event after each change that is made through this server. */
const announcing = (publish: PublishArchive): MethodWrappers<Library> => {
  const published =
    (action: ArchiveAction) =>
    <A extends unknown[]>(change: (...given: A) => Promise<ArchiveRecord>) =>
    async (...given: A): Promise<ArchiveRecord> => {
      const archive = await change(...given);
      publish(action, archive);
      return archive;
    };
  return {
    add: published("added"),
    update: published("changed"),
    delete: published("removed"),
    ...unchanged(
      "categories",
      "folder",
      "list",
      "select",
      "ids",
      "count",
      "missing",
      "problems",
      "get",
      "entries",
      "read",
      "thumbnail",
      "localFile",
      "open",
      "search",
    ),
  };
};

/** The same for a folder, and for what others changed in it. */
const announcingFolder = (
  publish: PublishArchive,
  { get }: FolderLibrary,
): MethodWrappers<FolderLibrary> => ({
  ...announcing(publish),
  ...unchanged("close"),
  sync: (sync) => async (options) => {
    const report = await sync(options);
    for (const archive of report.added) publish("added", archive);
    for (const { id } of report.moved) publish("changed", await get(id));
    for (const { from, to } of report.replaced) {
      const archive = await get(to);
      publish("removed", { ...archive, id: from });
      publish("added", archive);
    }
    return report;
  },
});

/** A library that publishes an event after each change of an archive. */
export const announceLibrary = (opened: OpenLibrary, publish: Publish): OpenLibrary => {
  const publishArchive: PublishArchive = (action, { id, title }) =>
    publish({ kind: "archive", action, archive: id, title });
  return opened.kind === "folder"
    ? { ...opened, library: wrapMethods(opened.library, announcingFolder(publishArchive, opened.library)) }
    : { ...opened, library: wrapMethods(opened.library, announcing(publishArchive)) };
};

/** Schedules that publish an event after each change; a run is told by the events of its job. */
export const announceSchedules = (schedules: Schedules, publish: Publish): Schedules => {
  const published =
    (action: "added" | "changed" | "removed") =>
    <A extends unknown[]>(change: (...given: A) => Promise<Schedule>) =>
    async (...given: A): Promise<Schedule> => {
      const schedule = await change(...given);
      publish({ kind: "schedule", action, schedule: schedule.id, title: schedule.title });
      return schedule;
    };
  return wrapMethods(schedules, {
    create: published("added"),
    update: published("changed"),
    delete: published("removed"),
    ...unchanged("list", "get", "run"),
  });
};

const isServerPart = (subject: EventPolicy | ServerPart): subject is ServerPart =>
  serverParts.some((part) => part === subject);

/** Documents that publish an event after each change of one with a subject. */
export const announceDocuments = (documents: Documents, publish: Publish): Documents => ({
  ...documents,
  change: async (kind, next) => {
    const changed = await documents.change(kind, next);
    const { subject } = kind;
    if (subject === undefined) return changed;
    if (isServerPart(subject)) publish({ kind: "server", action: "changed", part: subject });
    else publish({ kind: "policy", action: "changed", policy: subject, revision: changed.revision });
    return changed;
  },
});

/** Keys that publish an event after one is made or revoked. */
export const announceKeys = (keys: Keys, publish: Publish): Keys => {
  const changed = () => publish({ kind: "server", action: "changed", part: "keys" });
  return wrapMethods(keys, {
    create: (create) => async (wanted) => {
      const created = await create(wanted);
      changed();
      return created;
    },
    revoke: (revoke) => async (name) => {
      await revoke(name);
      changed();
    },
    ...unchanged("list", "recheck", "onRevoked", "holderOf", "prove", "sessionProof", "isValid"),
  });
};

export const announceJobs =
  (publish: Publish): JobObserver =>
  (action, job) => {
    const { id, task, state, notes } = job;
    publish({ kind: "job", action, job: id, task, state, notes, outcome: outcomeOf(job) });
  };
