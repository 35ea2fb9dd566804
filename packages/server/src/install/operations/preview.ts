import { type HitagiError, isHitagiError, type Manifest, toNamespace } from "@hitagi/contract";
import { LRUCache } from "lru-cache";
import pLimit from "p-limit";
import { sha256Of } from "../../disk/sha256.ts";
import { loadManifest } from "../../plugins/registry/load-plugin.ts";
import type { InstallDeps, PreviewedVersion } from "../deps.ts";
import type { InstallTarget } from "../steps/install-target.ts";
import { makePlan, type Plan } from "../steps/plan.ts";
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
): Promise<Manifest> => {
  // A name that no plugin can have, so that `retire` ends only this process.
  const namespace = toNamespace(`${current.namespace} (preview)`);
  const code = { namespace, sha256: resolved.version.sha256, filename, source: bytes };
  try {
    return await loadManifest(runtime, code, signal);
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
  const manifest = await load(plan, target, bytes, signal);
  verifyManifest(manifest, plan.resolved);
  deps.previewCache.set(sha256, { bytes, manifest });
};

const withConflict = (plan: Plan, conflict: HitagiError): Plan =>
  plan.conflicts.some(({ code }) => code === conflict.code)
    ? plan
    : { ...plan, conflicts: [...plan.conflicts, conflict] };

/** See Installer.plan. */
export const createPreview = (deps: InstallDeps) => {
  const limit = pLimit(CONCURRENCY);
  return async (request: InstallRequest, signal?: AbortSignal): Promise<Plan> => {
    const plan = await makePlan(deps, request);
    const { target, grants } = plan;
    if (grants || !target) return plan;
    try {
      await limit(() => vetVersion(deps, plan, target, signal));
    } catch (e) {
      if (isHitagiError(e)) return withConflict(plan, e);
      throw e;
    }
    return makePlan(deps, request);
  };
};
