import { isHitagiError, type Namespace } from "@hitagi/contract";
import pLimit from "p-limit";
import { hashFile } from "../../disk/sha256.ts";
import { listPluginFiles } from "../../plugins/registry/plugin-files.ts";
import { isManagedPath } from "../../store/contract/plugins.ts";
import type { PluginRecord, Provenance } from "../../store/types.ts";
import type { InstallDeps } from "../deps.ts";
import type { InstalledFile } from "../steps/current-state.ts";
import { reconcilePlugin } from "./reconcile-plugin.ts";

/** Plugins that are reconciled at the same time. */
const CONCURRENCY = 8;

interface StoredVersions {
  /** The namespaces with an installed or kept version. */
  namespaces: ReadonlySet<Namespace>;
  /** The namespace of each installed or kept version, by sha256. */
  owners: ReadonlyMap<string, Namespace>;
}

const readVersions = async (
  { store }: Pick<InstallDeps, "store">,
  records: readonly PluginRecord[],
): Promise<StoredVersions> => {
  const limit = pLimit(CONCURRENCY);
  const hashes = await limit.map(records, async ({ namespace, provenance }) => {
    const versions = await store.plugins.versions(namespace);
    const all = [...versions.map(({ sha256 }) => sha256), ...(provenance ? [provenance.sha256] : [])];
    return all.map((sha256) => [sha256, namespace] as const);
  });
  const owners = new Map(hashes.flat());
  return { namespaces: new Set(owners.values()), owners };
};

/**
 * The plugin of a file that no record names, by its bytes. The bytes of a pruned version are known only to this machine, and count
 * only where only installs put files.
 */
const ownerOf = async (
  deps: InstallDeps,
  { owners, namespaces }: StoredVersions,
  { path, sha256 }: InstalledFile,
): Promise<Namespace | undefined> => {
  const owner = owners.get(sha256);
  if (owner !== undefined || !isManagedPath(path)) return owner;
  const namespace = (await deps.artifacts.isLocal(sha256))
    ? (await deps.artifacts.manifest(sha256))?.namespace
    : undefined;
  return namespace !== undefined && namespaces.has(namespace) ? namespace : undefined;
};

/** The hash of a file; undefined also if it cannot be read. */
const hashReadable = ({ pluginsFolder }: InstallDeps, file: string): Promise<string | undefined> =>
  hashFile(pluginsFolder, file).catch(() => undefined);

interface Orphan {
  namespace: Namespace;
  file: InstalledFile;
}

/** The files of plugins that were removed or moved while this machine was down. */
const findOrphans = async (deps: InstallDeps, records: readonly PluginRecord[]): Promise<Orphan[]> => {
  const versions = await readVersions(deps, records);
  const recorded = new Set(records.map(({ provenance }) => provenance?.path));
  const unrecorded = (await listPluginFiles(deps.pluginsFolder)).filter((file) => !recorded.has(file));
  const orphans: Orphan[] = [];
  for (const path of unrecorded) {
    const file = { path, sha256: (await hashReadable(deps, path)) ?? "" };
    const namespace = await ownerOf(deps, versions, file);
    if (namespace !== undefined) orphans.push({ namespace, file });
  }
  return orphans;
};

const reasonOf = (error: unknown): string =>
  isHitagiError(error) ? `${error.message} ${error.hint}` : "its files could not be read or written";

/**
 * Evicts artifacts from this machine that no plugin has installed or kept. Those of unknown namespaces stay: they may belong to another
 * store.
 */
const evictOld = async (deps: InstallDeps): Promise<number> => {
  const { owners, namespaces } = await readVersions(deps, await deps.store.plugins.list());
  const files = await listPluginFiles(deps.pluginsFolder);
  const inUse = new Set(await Promise.all(files.map((file) => hashReadable(deps, file))));
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
 * Whether the recorded file has to be put in place: it is gone, or another vetted version is there, for example because its
 * disk was away during an upgrade. Other bytes are the owner's own change; it stays, unless other servers run the recorded version.
 */
const mustRestore = async (deps: InstallDeps, { path, sha256 }: Provenance): Promise<boolean> => {
  const actual = await hashFile(deps.pluginsFolder, path);
  if (actual === sha256) return false;
  return deps.isStoreShared || actual === undefined || deps.artifacts.isLocal(actual);
};

/**
 * Makes all plugin files of this machine agree with the records: puts installed files in place from the artifacts. Where servers share
 * the store, it also removes the files of plugins that moved or were removed, and evicts unneeded artifacts. The owner's own files stay.
 * A plugin that cannot be reconciled does not stop the others. Runs before the first scan, after `recover`.
 * @returns the namespaces whose recorded file is not in place, and why
 */
export const reconcileAll = async (deps: InstallDeps): Promise<ReadonlyMap<Namespace, string>> => {
  const records = await deps.store.plugins.list();
  const installed = records.flatMap(({ namespace, provenance }) =>
    provenance ? [{ namespace, provenance }] : [],
  );
  const orphans = deps.isStoreShared ? await findOrphans(deps, records) : [];
  const missing = new Map<Namespace, string>();
  const attempt = async (namespace: Namespace, work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (err) {
      deps.log.error({ err, namespace }, "a plugin's files could not be made to agree with its record");
      missing.set(namespace, reasonOf(err));
    }
  };
  const limit = pLimit(CONCURRENCY);
  await limit.map(installed, ({ namespace, provenance }) =>
    attempt(namespace, async () => {
      if (await mustRestore(deps, provenance)) await reconcilePlugin(deps, namespace, undefined);
    }),
  );
  // In sequence, because several may be of one plugin.
  for (const { namespace, file } of orphans)
    await attempt(namespace, () => reconcilePlugin(deps, namespace, file));
  const evicted = deps.isStoreShared ? await evictOld(deps) : 0;
  const counts = { plugins: installed.length, removed: orphans.length, evicted, missing: missing.size };
  deps.log.info(counts, "the plugins' files were compared with their records");
  return missing;
};

/**
 * Puts the artifacts of all installed and kept versions that only this machine has on the share. So a new share is filled when the servers
 * start with it. If the share is unreachable, the next start tries again.
 */
export const replicateArtifacts = async (
  deps: Pick<InstallDeps, "store" | "artifacts" | "isStoreShared" | "log">,
  signal: AbortSignal,
): Promise<void> => {
  if (!deps.isStoreShared) return;
  let versions = 0;
  try {
    const { owners } = await readVersions(deps, await deps.store.plugins.list());
    for (const sha256 of owners.keys()) {
      if (signal.aborted) return;
      if (await deps.artifacts.replicate(sha256)) versions++;
    }
  } catch (err) {
    if (!isHitagiError(err)) throw err;
    deps.log.warn({ err }, "artifacts could not be shared; the next start tries again");
  }
  if (versions > 0) deps.log.info({ versions }, "shared the artifacts that only this server had");
};
