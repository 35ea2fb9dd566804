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
  { filename, runtime }: InstallTarget,
  bytes: Buffer,
  signal: AbortSignal | undefined,
): Promise<LoadedPlugin> => {
  // A name that no plugin can have, so that `retire` ends only this process.
  const namespace = toNamespace(`${current.namespace} (preview)`);
  const code = { namespace, sha256: resolved.version.sha256, filename, source: bytes };
  try {
    return { code, manifest: await loadManifest(runtime, code, signal) };
  } finally {
    runtime.retire(code);
  }
};

/** Fetches, verifies and vets the version as an install does, and caches the result. */
const vetVersion = async (
  deps: InstallDeps,
  plan: Plan,
  target: InstallTarget,
  signal: AbortSignal | undefined,
): Promise<void> => {
  const bytes = await deps.catalog.artifact(plan.resolved, signal);
  const sha256 = sha256Of(bytes);
  verifyBytes(sha256, plan.resolved);
  target.runtime.checkPath?.(bytes, target.path);
  const loaded = await load(plan, target, bytes, signal);
  const { manifest } = loaded;
  verifyManifest(manifest, plan.resolved);
  const { namespace, version } = manifest;
  const findings = (await findForOwners(loaded)).map(
    ({ message }) => new HitagiError("PLUGIN_CHECKED", { namespace, version, finding: message }),
  );
  deps.previewCache.set(sha256, { bytes, manifest, findings });
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
      await limit(() => vetVersion(deps, plan, target, signal));
      return undefined;
    } catch (e) {
      if (isHitagiError(e)) return e;
      throw e;
    }
  };

  return async (request: InstallRequest, signal?: AbortSignal): Promise<InstallSet> => {
    const loaded = new Set<string>();
    const made: MadePlans = new Map();
    for (;;) {
      const set = await planSet(deps, request, made);
      const next = [set.plan, ...set.required].find(({ grants, target }) => !grants && target);
      const sha256 = next?.resolved.version.sha256 ?? "";
      if (!next?.target || loaded.has(sha256) || loaded.size === MAX_LOADED) return set;
      loaded.add(sha256);
      const failure = await tryToVet(next, next.target, signal);
      if (failure) return withConflict(set, failure);
    }
  };
};
