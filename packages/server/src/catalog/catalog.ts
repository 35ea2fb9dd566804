import {
  HitagiError,
  isHitagiError,
  MAX_ARTIFACT_BYTES,
  MAX_ARTIFACT_FILE_BYTES,
  type PluginDetails,
  type Registry,
} from "@hitagi/contract";
import { codeBytes } from "../artifacts/inline-map.ts";
import { epochSeconds } from "../clock.ts";
import { assertFetched } from "../sources/assert-fetched.ts";
import type { Store } from "../store/types.ts";
import { createDetailsReader, type DetailsReader, publishedDetails, unyanked } from "./details.ts";
import type { VetFile } from "./generate-index.ts";
import { readMirrorMark } from "./mirror-files.ts";
import { atIndexedCommit, createIndexReader } from "./read-index.ts";
import { createRefresh, type RefreshDeps } from "./refresh.ts";
import { createAtCommit, createRegistryFiles, type RegistryFilesDeps } from "./registry-files.ts";
import { createSearch, refreshedRegistries, refreshedRegistry, type SearchDeps } from "./search.ts";
import { acceptedAt, findSeen, type SeenLines } from "./seen-versions.ts";
import type { Catalog } from "./types.ts";
import { chooseVersion, newestFirst } from "./version-choice.ts";

export interface CatalogDeps
  extends SearchDeps,
    RegistryFilesDeps,
    Partial<Pick<RefreshDeps, "isSignatureRequired" | "onTorn" | "onNewEpoch" | "onSignedRefresh">> {
  store: Pick<Store, "registries" | "catalog" | "seenVersions" | "locks" | "trust" | "plugins">;
  /** Loads the plugin files of a registry whose index is generated. */
  vet: VetFile;
  /** Shared with what else shows details; one of its own where absent. */
  details?: DetailsReader;
  /** Epoch seconds. */
  now?: () => number;
}

/** Why a version has no entry. @param details of its plugin */
export const versionNotFound = (
  namespace: string,
  version: string,
  details: PluginDetails | undefined,
): HitagiError => {
  const { yanked = {} } = details ?? {};
  const yank = Object.hasOwn(yanked, version) ? yanked[version] : undefined;
  if (!yank) return new HitagiError("VERSION_NOT_FOUND", { namespace, version });
  return new HitagiError("VERSION_WITHDRAWN", {
    ...{ namespace, version, at: yank.at.slice(0, 10), reason: yank.reason },
  });
};

/** Why a plugin has no entry, although its keeper has details of it: all its versions were yanked. Undefined where none was. */
const whollyYanked = (
  namespace: string,
  details: readonly (PluginDetails | undefined)[],
): HitagiError | undefined => {
  const yanked = details.flatMap((one) => Object.entries(one?.yanked ?? {}));
  const [version] = newestFirst(yanked.map(([one]) => one));
  const [, yank] = yanked.find(([one]) => one === version) ?? [];
  return version === undefined || !yank
    ? undefined
    : new HitagiError("PLUGIN_YANKED", {
        ...{ namespace, version, at: yank.at.slice(0, 10), reason: yank.reason },
      });
};

/** The catalog over a store, which caches the indexes, and sources, which have them. */
export const createCatalog = (deps: CatalogDeps): Catalog => {
  const { store, now = epochSeconds } = deps;
  const { isSignatureRequired = async () => false, onTorn = () => {}, onNewEpoch = async () => {} } = deps;
  const { onSignedRefresh = async () => {} } = deps;
  const files = createRegistryFiles(deps);
  const { details: detailsReader = createDetailsReader(store) } = deps;
  const { forget: forgetSearch, ...searches } = createSearch({ ...deps, details: detailsReader });

  /** The seen versions of a registry in memory, where a refresh may have added some since. */
  const seen = new Map<string, { refreshed: number; lines: SeenLines }>();
  const seenOf = async (id: string, refreshed: number): Promise<SeenLines> => {
    const cached = seen.get(id);
    if (cached?.refreshed === refreshed) return cached.lines;
    const pin = await store.trust.pin(id);
    // What the registry offered unsigned counts first: another registry may have brought the key's versions.
    const signed = pin ? await store.seenVersions.get(pin.fingerprint) : [];
    const lines = [...(await store.seenVersions.get(id)), ...signed];
    seen.set(id, { refreshed, lines });
    return lines;
  };
  const forget = (id: string): void => {
    seen.delete(id);
    detailsReader.forget(id);
    forgetSearch(id);
  };

  const details: Catalog["details"] = async (id, namespaces) => {
    const registry = await store.registries.get(id);
    return Promise.all(
      namespaces.map(async (namespace) => {
        const found = registry && (await detailsReader.plugin(registry, namespace));
        return found && publishedDetails(found);
      }),
    );
  };

  const yankOf: Catalog["yankOf"] = async ({ registry: id, namespace, version, sha256 }) => {
    const registry = id === null ? undefined : await store.registries.get(id);
    const yank = registry && (await detailsReader.plugin(registry, namespace))?.yanked?.[version];
    return yank?.sha256 === sha256 ? yank : undefined;
  };

  const offers: Catalog["offers"] = async (namespace) => {
    const registries = await refreshedRegistries(store);
    const entries = await Promise.all(registries.map(({ id }) => store.catalog.entry(id, namespace)));
    const said = await Promise.all(registries.map((one) => detailsReader.plugin(one, namespace)));
    const found = entries.flatMap((entry, n) => {
      const registry = registries[n];
      if (entry === undefined || registry === undefined) return [];
      const keys = Object.keys(entry.versions);
      // A generated index has one version, which need not be SemVer.
      const ordered = registry.generateIndex ? keys : newestFirst(keys);
      const versions = ordered.flatMap((key) => entry.versions[key] ?? []);
      const details = said[n] && publishedDetails(said[n]);
      const place = { registry: registry.id, registryName: registry.name };
      return [{ ...place, namespace, type: entry.type, versions, ...(details && { details }) }];
    });
    if (found.length === 0)
      throw whollyYanked(namespace, said) ?? new HitagiError("PLUGIN_NOT_OFFERED", { namespace });
    return found;
  };

  const resolve: Catalog["resolve"] = async (id, namespace, wanted) => {
    const found = await refreshedRegistry(store, id);
    const { id: registry, name, provider, refreshed, generateIndex = false } = found;
    const details = await detailsReader.plugin(found, namespace);
    const plugin = await store.catalog.entry(registry, namespace);
    if (plugin === undefined && wanted !== undefined && Object.hasOwn(details?.yanked ?? {}, wanted))
      throw versionNotFound(namespace, wanted, details);
    if (plugin === undefined)
      throw (
        whollyYanked(namespace, [details]) ??
        new HitagiError("PLUGIN_NOT_IN_REGISTRY", { namespace, registry, name })
      );
    const key = wanted ?? chooseVersion(unyanked(Object.keys(plugin.versions), details)) ?? "";
    const version = Object.hasOwn(plugin.versions, key) ? plugin.versions[key] : undefined;
    if (version === undefined) throw versionNotFound(namespace, key, details);
    const lines = await seenOf(registry, refreshed);
    const known = await findSeen(lines, namespace, key);
    // Who keeps a folder of this machine may try a version there before it is installed anywhere.
    const isOwn = provider === "local";
    const seen = isOwn ? known.filter(({ sha256 }) => sha256 === version.sha256) : known;
    const accepted = acceptedAt(lines, known, version) ?? refreshed;
    return {
      ...{ registry, registryName: name, plugin, version, seen, accepted },
      isGenerated: generateIndex,
      details,
    };
  };

  /** @throws HitagiError NOT_IN_MIRROR where a mirror was not given the file, and what the source throws */
  const fetchFile = async (registry: Registry, path: string, signal: AbortSignal | undefined) => {
    try {
      return await files(registry, path, { maxBytes: MAX_ARTIFACT_FILE_BYTES, signal });
    } catch (error) {
      const isMissing = isHitagiError(error, "SOURCE_FILE_MISSING");
      const mark = isMissing ? await readMirrorMark(files, registry, signal) : undefined;
      throw mark ? new HitagiError("NOT_IN_MIRROR", { path, of: mark.of }) : error;
    }
  };

  const artifact: Catalog["artifact"] = async ({ registry: id, version }, signal) => {
    const registry = await store.registries.get(id);
    if (registry === undefined) throw new HitagiError("REGISTRY_NOT_FOUND", { id });
    const meta = registry.generateIndex ? await store.catalog.meta(id) : undefined;
    const fetched = await fetchFile(atIndexedCommit(registry, meta), version.artifact, signal);
    assertFetched(fetched, version.artifact);
    if (codeBytes(version.artifact, fetched.bytes) > MAX_ARTIFACT_BYTES)
      throw new HitagiError("SOURCE_TOO_LARGE", { path: version.artifact, limit: MAX_ARTIFACT_BYTES });
    return fetched.bytes;
  };

  return {
    refresh: createRefresh({
      ...{ store, files, now, forget, isSignatureRequired, onTorn, onNewEpoch, onSignedRefresh },
      timeoutMs: deps.timeoutMs,
      atCommit: createAtCommit(deps),
      readIndex: createIndexReader(files, { ...deps, now }),
    }),
    forget,
    ...searches,
    offers,
    details,
    yankOf,
    resolve,
    artifact,
  };
};
