import path from "node:path";
import { type Namespace, toNamespace } from "@hitagi/contract";
import pLimit from "p-limit";
import type { Logger } from "pino";
import type { Artifacts } from "../../artifacts/types.ts";
import type { PluginRecord, PluginStore } from "../../store/types.ts";
import type { ActivePlugin, ActivePlugins } from "../types.ts";
import type { RejectedFile, RejectedFiles } from "./rejected-files.ts";
import { findPluginFiles, type PluginFile, type PluginFolders } from "./scan-files.ts";
import { settleGone } from "./scan-gone.ts";
import { identify } from "./scan-plugin.ts";
import { readPlugin } from "./scan-read.ts";

export interface ScanDeps extends PluginFolders {
  active: ActivePlugins;
  store: PluginStore;
  artifacts: Artifacts;
  rejectedFiles: Pick<RejectedFiles, "replace">;
  /**
   * Where several servers share the records: the namespaces whose file could not be put in place, and why. No record is
   * forgotten then because its file is not here.
   */
  lacking?: ReadonlyMap<Namespace, string> | undefined;
  log: Pick<Logger, "info" | "warn" | "error">;
  /** Epoch seconds. */
  now: () => number;
}

/** Load checks at once: each is a process. */
const PARALLEL = 4;

/**
 * The start-up scan: reads the builtin, Managed and Sideloaded folders, puts what is there in force, and brings the
 * records in line with it. A file that cannot run is told with what to do, and keeps no other from running.
 *
 * What is not run: a namespace found twice (none of its files is); a recorded file with other bytes than recorded
 * (its record stays); a link; and a file in Managed that no record names, for only an install puts files there, with
 * a registry and a hash to check against. What has no record is remembered as refused. A file put in Sideloaded by hand runs, with no permission until
 * its owner grants it.
 */
export const scanPlugins = async (deps: ScanDeps): Promise<void> => {
  const files = await findPluginFiles(deps);
  const records = await healTypes(deps, files, await deps.store.list());
  const byPath = new Map(records.flatMap((r) => (r.provenance ? [[r.provenance.path, r] as const] : [])));
  const recordOf = ({ path }: PluginFile) => (path === null ? undefined : byPath.get(path));

  const known = files.filter((found) => found.origin !== "managed" || recordOf(found) !== undefined);
  const strays = refuseUnrecorded(
    deps,
    files.filter((found) => !known.includes(found)),
  );
  const limit = pLimit(PARALLEL);
  const reads = await Promise.all(
    known.map((found) => limit(() => readPlugin(found, deps.artifacts, recordOf(found)?.provenance?.sha256))),
  );
  const missing = await settleGone(deps, records, files);
  const identified = await Promise.all(reads.map((read) => identify(deps, read, recordOf(read.found))));
  const { plugins, twice } = alone(
    deps,
    identified.flatMap(({ plugin }) => plugin ?? []),
  );
  deps.rejectedFiles.replace([...strays, ...identified.flatMap(({ rejected }) => rejected ?? []), ...twice]);
  putInForce(deps, [...plugins, ...missing]);
};

/**
 * Fills in the type of records that another program wrote without one. Which file such a record is of, only the file
 * itself says. Answers the records as they are then.
 */
const healTypes = async (
  { store, artifacts }: ScanDeps,
  files: PluginFile[],
  records: PluginRecord[],
): Promise<PluginRecord[]> => {
  const untyped = new Set(records.filter((r) => r.type === undefined).map((r) => r.namespace));
  if (untyped.size === 0) return records;
  for (const found of files) {
    const read = await readPlugin(found, artifacts, undefined);
    if (!("manifest" in read) || !untyped.has(read.manifest.namespace)) continue;
    await store.register(read.manifest.namespace, read.manifest.type);
  }
  return store.list();
};

const refuseUnrecorded = ({ log }: ScanDeps, files: PluginFile[]): RejectedFile[] =>
  files.map(({ path: file }) => {
    log.warn(
      { file },
      "a file in Managed that no install put there is not run; install it from a registry, or move it to Sideloaded",
    );
    const namespace = toNamespace(path.posix.parse(file ?? "").name);
    return { namespace, path: file, reason: "no install put it into Managed" };
  });

/**
 * The plugins that have their namespace to themselves. Of others none is run, for nobody can say which is meant: their
 * files are in `twice`.
 */
const alone = (
  { log }: ScanDeps,
  plugins: ActivePlugin[],
): { plugins: ActivePlugin[]; twice: RejectedFile[] } => {
  const groups = new Map<Namespace, ActivePlugin[]>();
  for (const plugin of plugins) {
    groups.set(plugin.namespace, [...(groups.get(plugin.namespace) ?? []), plugin]);
  }
  const several = [...groups].filter(([, group]) => group.length > 1);
  const twice = several.flatMap(([namespace, group]) => {
    const [first] = group;
    const files = group.map(({ path, code }) => path ?? `builtin ${code.filename}`);
    const same = new Set(group.map((plugin) => plugin.namespace)).size === 1;
    const what = same ? "several plugins have one namespace" : "several namespaces are equal but for case";
    log.warn({ plugin: first?.namespace, files }, `${what}, so none of them is run; remove all but one`);
    return group.map((plugin) => ({ namespace, path: plugin.path, reason: `${what}: ${files.join(", ")}` }));
  });
  return { plugins: [...groups.values()].flatMap((group) => (group.length === 1 ? group : [])), twice };
};

const putInForce = ({ active, log }: ScanDeps, plugins: ActivePlugin[]) => {
  const namespaces = new Set(plugins.map((plugin) => plugin.namespace));
  for (const { namespace } of active.list()) {
    if (!namespaces.has(namespace)) active.set(namespace, undefined);
  }
  for (const plugin of plugins) active.set(plugin.namespace, plugin);
  log.info({ plugins: plugins.length }, "plugins are in force");
};
