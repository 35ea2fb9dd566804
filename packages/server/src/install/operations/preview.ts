import { HitagiError, isHitagiError, toNamespace } from "@hitagi/contract";
import { LRUCache } from "lru-cache";
import pLimit from "p-limit";
import { sha256Of } from "../../disk/sha256.ts";
import { findForOwners } from "../../kit/check/for-owners.ts";
import type { LoadedPlugin } from "../../kit/types.ts";
import { loadManifest } from "../../plugins/registry/load-plugin.ts";
import type { InstallDeps, PreviewedVersion } from "../deps.ts";
import type { MadePlans } from "../requirements/choices.ts";
import { type InstallSet, planSet } from "../requirements/plan-set.ts";
import { MAX_BROUGHT } from "../requirements/solve.ts";
import type { InstallTarget } from "../steps/install-target.ts";
import type { Plan } from "../steps/plan.ts";
import { verifyBytes, verifyManifest } from "../steps/verify-artifact.ts";
import type { InstallRequest } from "../types.ts";

/** Load checks at the same time: each is a process, and installs are more urgent. */
const CONCURRENCY = 2;

const MAX_CACHE_BYTES = 8 * 1024 * 1024;

/** Evicts the version that was used least recently. @param maxBytes of the plugin files that are cached */
export const createPreviewCache = (maxBytes = MAX_CACHE_BYTES): InstallDeps["previewCache"] =>
  new LRUCache<string, PreviewedVersion>({
    maxSize: maxBytes,
    sizeCalculation: ({ bytes }) => Math.max(1, bytes.length),
  });

const load = async (
  { current, resolved }: Plan,
  { filename, runtime, path }: InstallTarget,
  bytes: Buffer,
  signal: AbortSignal | undefined,
): Promise<LoadedPlugin> => {
  runtime.checkPath?.(bytes, path);
  // A name that no plugin can have, so that `retire` ends only this process.
  const namespace = toNamespace(`${current.namespace} (preview)`);
  const code = { namespace, sha256: resolved.version.sha256, filename, source: bytes };
  try {
    const manifest = await loadManifest(runtime, code, signal);
    verifyManifest(manifest, resolved);
    return { code, manifest };
  } finally {
    runtime.retire(code);
  }
};

/** Fetches, verifies and vets the version as an install does. One that was vetted before, maybe by another server, is only read. */
const loadVersion = async (
  deps: InstallDeps,
  plan: Plan,
  target: InstallTarget,
  signal: AbortSignal | undefined,
): Promise<LoadedPlugin> => {
  const { sha256 } = plan.resolved.version;
  const cached = deps.previewCache.get(sha256);
  const manifest = cached?.manifest ?? (await deps.artifacts.manifest(sha256));
  const kept = manifest && (cached?.bytes ?? (await deps.artifacts.read(sha256)));
  const source = kept ?? (await deps.catalog.artifact(plan.resolved, signal));
  verifyBytes(sha256Of(source), plan.resolved);
  if (!manifest) return load(plan, target, source, signal);
  return { code: { namespace: manifest.namespace, sha256, filename: target.filename, source }, manifest };
};

/** Caches a loaded version with what its owner should know. */
const checkVersion = async (deps: InstallDeps, loaded: LoadedPlugin): Promise<void> => {
  const { manifest, code } = loaded;
  const { namespace, version } = manifest;
  const findings = (await findForOwners(loaded)).map(
    ({ message }) => new HitagiError("PLUGIN_CHECKED", { namespace, version, finding: message }),
  );
  deps.previewCache.set(code.sha256, { bytes: code.source, manifest, findings });
};

const withConflict = (set: InstallSet, conflict: HitagiError | undefined): InstallSet =>
  conflict === undefined || set.plan.conflicts.some(({ code }) => code === conflict.code)
    ? set
    : { ...set, plan: { ...set.plan, conflicts: [...set.plan.conflicts, conflict] } };

/** Versions that one preview loads: that of the plugin, and those that it needs. */
const MAX_LOADED = MAX_BROUGHT + 1;

/** See Installer.plan. What a loaded version needs is planned too, until all that is planned was loaded. */
export const createPreview = (deps: InstallDeps) => {
  const limit = pLimit(CONCURRENCY);

  /** @returns why a version does not load */
  const tryToVet = async (
    plan: Plan,
    target: InstallTarget,
    signal: AbortSignal | undefined,
  ): Promise<HitagiError | undefined> => {
    try {
      // A check may take seconds, and needs no process: it takes no place of a load.
      await checkVersion(deps, await limit(() => loadVersion(deps, plan, target, signal)));
      return undefined;
    } catch (e) {
      if (isHitagiError(e)) return e;
      throw e;
    }
  };

  /** Whether it is not known here what the version is, or what its owner should know, as after a restart. */
  const isUnknown = ({ target, resolved }: Plan): boolean =>
    target !== undefined && deps.previewCache.get(resolved.version.sha256)?.findings === undefined;

  return async (request: InstallRequest, signal?: AbortSignal): Promise<InstallSet> => {
    const loaded = new Set<string>();
    const made: MadePlans = new Map();
    for (;;) {
      const set = await planSet(deps, request, made);
      const next = [set.plan, ...set.required].find(
        (plan) => isUnknown(plan) && !loaded.has(plan.resolved.version.sha256),
      );
      if (!next?.target || loaded.size === MAX_LOADED) return set;
      const { sha256 } = next.resolved.version;
      loaded.add(sha256);
      const failure = await tryToVet(next, next.target, signal);
      if (failure) return withConflict(set, failure);
      for (const [key, plan] of made) if (plan.resolved.version.sha256 === sha256) made.delete(key);
    }
  };
};
