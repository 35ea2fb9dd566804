import { isHitagiError, type Namespace } from "@hitagi/contract";
import pLimit from "p-limit";
import { hashFile } from "../../disk/sha256.ts";
import { listPluginFiles } from "../../plugins/registry/plugin-files.ts";
import type { PluginRecord } from "../../store/types.ts";
import type { InstallDeps } from "../deps.ts";
import type { InstalledFile } from "../steps/current-state.ts";
import type { Journal } from "./journal.ts";
import { reconcilePlugin } from "./reconcile-plugin.ts";

/** Plugins whose files are looked at, and their bytes fetched, at once. */
const AT_ONCE = 8;

/** What the store says that there is, and once was. */
interface Known {
  records: PluginRecord[];
  /** The namespaces of which a version is installed or kept. */
  namespaces: ReadonlySet<Namespace>;
  /** The namespace of each version that is installed or kept, by sha256. */
  owners: ReadonlyMap<string, Namespace>;
}

const readKnown = async (deps: InstallDeps): Promise<Known> => {
  const records = await deps.store.plugins.list();
  const limit = pLimit(AT_ONCE);
  const hashes = await limit.map(records, async ({ namespace, provenance }) => {
    const versions = await deps.store.plugins.versions(namespace);
    const all = [...versions.map(({ sha256 }) => sha256), ...(provenance ? [provenance.sha256] : [])];
    return all.map((sha256) => [sha256, namespace] as const);
  });
  const owners = new Map(hashes.flat());
  return { records, namespaces: new Set(owners.values()), owners };
};

/**
 * Whose file it is that no record names: the plugin's that was installed with these bytes once. Of an older version than those
 * that are kept, only this machine can still say it, and only in Managed, where nobody but an install puts files.
 */
const ownerOf = async (
  deps: InstallDeps,
  { owners, namespaces }: Known,
  { path, sha256 }: InstalledFile,
): Promise<Namespace | undefined> => {
  const owner = owners.get(sha256);
  if (owner !== undefined || !path.startsWith("Managed/")) return owner;
  const said = (await deps.artifacts.isLocal(sha256))
    ? (await deps.artifacts.manifest(sha256))?.namespace
    : undefined;
  return said !== undefined && namespaces.has(said) ? said : undefined;
};

interface Loose {
  namespace: Namespace;
  placed: InstalledFile;
}

/** The files of plugins that were removed or moved while this machine was away. */
const looseFiles = async (deps: InstallDeps, known: Known): Promise<Loose[]> => {
  const recorded = new Set(known.records.map(({ provenance }) => provenance?.path));
  const lying = (await listPluginFiles(deps.pluginsFolder)).filter((file) => !recorded.has(file));
  const loose: Loose[] = [];
  for (const file of lying) {
    const placed = { path: file, sha256: (await hashFile(deps.pluginsFolder, file)) ?? "" };
    const namespace = await ownerOf(deps, known, placed);
    if (namespace !== undefined) loose.push({ namespace, placed });
  }
  return loose;
};

/** Why a plugin could not be reconciled, for its owner. */
const reasonOf = (error: unknown): string =>
  isHitagiError(error) ? `${error.message} ${error.hint}` : "its files could not be read or written";

/**
 * Removes bytes from this machine that no plugin has in place or can go back to. Those of namespaces that the store knows nothing
 * of stay: the store may be another one than they were kept for.
 */
const evictOld = async (deps: InstallDeps): Promise<number> => {
  const { owners, namespaces } = await readKnown(deps);
  const lying = await listPluginFiles(deps.pluginsFolder);
  const inUse = new Set(await Promise.all(lying.map((file) => hashFile(deps.pluginsFolder, file))));
  let evicted = 0;
  for (const sha256 of await deps.artifacts.list()) {
    if (owners.has(sha256) || inUse.has(sha256)) continue;
    const namespace = (await deps.artifacts.manifest(sha256))?.namespace;
    if (namespace === undefined || !namespaces.has(namespace)) continue;
    await deps.artifacts.evict(sha256);
    evicted++;
  }
  return evicted;
};

/**
 * Makes this machine agree with the records of a store that it shares with others, who may have changed every plugin while it was away.
 * Files of installed plugins come back or are replaced, those of plugins that were removed or moved go, and so do bytes that are kept
 * for nothing. A file that was put there by hand stays. One plugin that cannot be reconciled keeps no other from it.
 * Runs before the first scan, after `recover`.
 * @returns the namespaces whose recorded file could not be put in place, and why
 */
export const reconcileAll = async (
  deps: InstallDeps,
  journal: Journal,
): Promise<ReadonlyMap<Namespace, string>> => {
  const known = await readKnown(deps);
  const loose = await looseFiles(deps, known);
  const lacking = new Map<Namespace, string>();
  const attempt = async (namespace: Namespace, placed: InstalledFile | undefined): Promise<void> => {
    try {
      await reconcilePlugin(deps, journal, namespace, placed);
    } catch (err) {
      deps.log.error({ err, namespace }, "a plugin's files could not be made to agree with its record");
      lacking.set(namespace, reasonOf(err));
    }
  };
  const limit = pLimit(AT_ONCE);
  const installed = known.records.filter(({ provenance }) => provenance !== undefined);
  await limit.map(installed, ({ namespace }) => attempt(namespace, undefined));
  // One after the other: several may be of one plugin.
  for (const { namespace, placed } of loose) await attempt(namespace, placed);
  const evicted = await evictOld(deps);
  const counts = { plugins: installed.length, removed: loose.length, evicted, lacking: lacking.size };
  deps.log.info(counts, "the plugins' files were compared with the records of all servers");
  return lacking;
};
