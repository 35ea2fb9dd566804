import path from "node:path";
import { type Namespace, toNamespace } from "@hitagi/contract";
import pLimit from "p-limit";
import type { Logger } from "pino";
import type { Artifacts } from "../../artifacts/types.ts";
import type { PluginRecord, PluginStore } from "../../store/types.ts";
import type { ActivePlugin, ActivePlugins } from "../types.ts";
import { unavailablePlugin } from "./active-plugin.ts";
import { loadPlugin, type RejectedFile, readPlugin } from "./load-plugin.ts";
import { findPluginFiles, type PluginFile, type PluginFolders } from "./plugin-files.ts";
import type { RejectedFiles } from "./rejected-files.ts";

export interface ScanDeps extends PluginFolders {
  active: ActivePlugins;
  store: PluginStore;
  artifacts: Artifacts;
  rejectedFiles: Pick<RejectedFiles, "replace">;
  /** The namespaces whose file could not be put in place, with the reason. */
  unplaced?: ReadonlyMap<Namespace, string> | undefined;
  log: Pick<Logger, "info" | "warn">;
}

/** Load checks at once: each is a process. */
const PARALLEL = 4;

/**
 * The start-up scan: reads the builtin, Managed and Sideloaded folders, and activates the plugins.
 *
 * Rejected are: a namespace found twice (all of its files); a recorded file with other bytes than recorded (its record
 * stays); a link; and a file in Managed without a record, because only an install puts files there, with a registry
 * and a hash to check against. The owner's own file in Sideloaded runs, with no permission until the owner grants it.
 */
export const scanPlugins = async (deps: ScanDeps): Promise<void> => {
  const files = await findPluginFiles(deps);
  const records = await healTypes(deps, files, await deps.store.list());
  const byPath = new Map(records.flatMap((r) => (r.provenance ? [[r.provenance.path, r] as const] : [])));
  const recordOf = ({ path }: PluginFile) => (path === null ? undefined : byPath.get(path));
  const isOrphaned = (found: PluginFile) => found.origin === "managed" && recordOf(found) === undefined;

  const missing = await missingPlugins(deps, records, files);
  const limit = pLimit(PARALLEL);
  const loaded = await limit.map(
    files.filter((found) => !isOrphaned(found)),
    (found) => loadPlugin(deps, found, recordOf(found)),
  );
  const orphaned = files.filter(isOrphaned).map((found) => rejectOrphaned(deps, found));
  const { plugins, duplicates } = separateDuplicates(
    deps,
    loaded.flatMap((one) => ("plugin" in one ? one.plugin : [])),
  );
  const rejected = loaded.flatMap((one) => ("rejected" in one ? one.rejected : []));
  deps.rejectedFiles.replace([...orphaned, ...rejected, ...duplicates]);
  activateAll(deps, [...plugins, ...missing]);
};

/**
 * Fills in the type of records that another program wrote without one. Only a plugin's file says which record it is of.
 * @returns the records with their types
 */
const healTypes = async (
  { store, artifacts }: ScanDeps,
  files: PluginFile[],
  records: PluginRecord[],
): Promise<PluginRecord[]> => {
  const untyped = new Set(records.filter((r) => r.type === undefined).map((r) => r.namespace));
  if (untyped.size === 0) return records;
  for (const found of files) {
    const read = await readPlugin(found, artifacts);
    if (!("manifest" in read) || !untyped.has(read.manifest.namespace)) continue;
    await store.register(read.manifest.namespace, read.manifest.type);
  }
  return store.list();
};

/**
 * The installed plugins whose file is missing. They stay installed and are listed as missing, because the disk of the folder may not
 * be mounted: only an uninstall removes a record.
 */
const missingPlugins = (
  deps: ScanDeps,
  records: PluginRecord[],
  files: PluginFile[],
): Promise<ActivePlugin[]> => {
  const present = new Set(files.map((found) => found.path));
  const missing = records.flatMap((record) => {
    const { provenance } = record;
    return provenance && !present.has(provenance.path) ? [{ record, provenance }] : [];
  });
  return Promise.all(
    missing.map(({ record, provenance }) => {
      const { namespace } = record;
      const reason = deps.unplaced?.get(namespace) ?? "its file is gone";
      deps.log.warn(
        { plugin: namespace, file: provenance.path, reason },
        "an installed plugin is missing; if the disk of the plugins folder is not mounted, mount it and run `hitagi verify`; else install the plugin again or uninstall it",
      );
      return unavailablePlugin(deps, record, provenance, { state: "missing", reason });
    }),
  );
};

const rejectOrphaned = ({ log }: ScanDeps, { path: file }: PluginFile): RejectedFile => {
  log.warn(
    { file },
    "a file in Managed that no install put there is not run; install it from a registry, or move it to Sideloaded",
  );
  const namespace = toNamespace(path.posix.parse(file ?? "").name);
  return { namespace, path: file, reason: "no install put it into Managed" };
};

/** Of several plugins with one namespace none runs, because it is unknown which one is meant. */
const separateDuplicates = (
  { log }: ScanDeps,
  loaded: ActivePlugin[],
): { plugins: ActivePlugin[]; duplicates: RejectedFile[] } => {
  const groups = new Map<Namespace, ActivePlugin[]>();
  for (const plugin of loaded) {
    groups.set(plugin.namespace, [...(groups.get(plugin.namespace) ?? []), plugin]);
  }
  const duplicates = [...groups].flatMap(([namespace, group]) => {
    if (group.length === 1) return [];
    const files = group.map(({ path, code }) => path ?? `builtin ${code.filename}`);
    const what = "several plugins have one namespace";
    log.warn({ plugin: namespace, files }, `${what}, so none of them is run; remove all but one`);
    return group.map((plugin) => ({ namespace, path: plugin.path, reason: `${what}: ${files.join(", ")}` }));
  });
  return { plugins: [...groups.values()].flatMap((group) => (group.length === 1 ? group : [])), duplicates };
};

const activateAll = ({ active, log }: ScanDeps, plugins: ActivePlugin[]) => {
  const namespaces = new Set(plugins.map((plugin) => plugin.namespace));
  for (const { namespace } of active.list()) {
    if (!namespaces.has(namespace)) active.set(namespace, undefined);
  }
  for (const plugin of plugins) active.set(plugin.namespace, plugin);
  log.info({ plugins: plugins.length }, "plugins are active");
};
