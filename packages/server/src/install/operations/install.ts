import { HitagiError, type Namespace, toNamespace } from "@hitagi/contract";
import type { InstallDeps, PreviewedVersion } from "../deps.ts";
import type { LockedDeps } from "../locks.ts";
import { planSet } from "../requirements/plan-set.ts";
import { commitAll } from "../steps/commit.ts";
import { choiceOf, grant } from "../steps/grants.ts";
import type { InstallTarget } from "../steps/install-target.ts";
import { type Plan, reportOf, targetOf } from "../steps/plan.ts";
import { type Change, type IncomingVersion, type Staged, stage } from "../steps/stage.ts";
import { verifyBytes, verifyManifest } from "../steps/verify-artifact.ts";
import { vet } from "../steps/vet.ts";
import type { Installed, InstallRequest, Progress } from "../types.ts";
import type { Undo } from "../undo.ts";
import { installedOf } from "./installed.ts";
import { recordOwnFile } from "./move.ts";
import { runOperationOn, stopIfCancelled } from "./run-operation.ts";

/** The version's bytes: known here by the hash of the index, or fetched from the registry. */
const bytesOf = async (
  deps: InstallDeps,
  { resolved }: Plan,
  signal: AbortSignal | undefined,
): Promise<Buffer> => {
  const { sha256 } = resolved.version;
  const known = deps.previewCache.get(sha256)?.bytes ?? (await deps.artifacts.read(sha256));
  return known ?? deps.catalog.artifact(resolved, signal);
};

const fetchStaged = async (
  deps: InstallDeps,
  undo: Undo,
  plan: Plan,
  target: InstallTarget,
  { signal, onStep }: Progress,
): Promise<Staged> => {
  onStep?.("fetch");
  const bytes = await bytesOf(deps, plan, signal);
  await deps.onFaultPoint("fetched");
  const staged = stage(deps, undo, bytes);
  onStep?.("verify");
  verifyBytes(staged.sha256, plan.resolved);
  target.runtime.checkPath?.(bytes, target.path);
  await deps.onFaultPoint("verified");
  return staged;
};

const vetStaged = async (
  deps: InstallDeps,
  undo: Undo,
  plan: Plan,
  target: InstallTarget,
  staged: Staged,
  { signal, onStep }: Progress,
): Promise<IncomingVersion> => {
  onStep?.("vet");
  const { namespace } = plan.current;
  const { sha256, bytes: source } = staged;
  const code = { namespace, sha256, filename: target.filename, source };
  const vetted = await vet(deps, undo, target.runtime, code, signal);
  verifyManifest(vetted, plan.resolved);
  const manifest = { ...vetted, version: plan.resolved.version.version };
  const { path, runtime } = target;
  const { registry, plugin } = plan.resolved;
  const granting = { manifest, runtime: runtime.name, registry };
  const choice = choiceOf(deps, plan.request.grant, plan.request.asksFirst);
  const granted = await grant(deps, plan.current, granting, choice);
  return { staged, manifest, runtime, code, path, type: plugin.type, registry, granted };
};

/** Thrown where an install needs plugins that it has no locks of, or whose manifests were not known: it begins anew. */
class BeginAnew extends Error {
  readonly namespaces: readonly Namespace[];
  constructor(namespaces: readonly Namespace[]) {
    super("the install needs other plugins");
    this.namespaces = namespaces;
  }
}

/** How often an install begins anew: each time it knows the needs of more plugins. */
const MAX_ROUNDS = 64;

/** Fetches and vets a planned version. @throws BeginAnew where its manifest says for the first time what it needs */
const incomingOf = async (
  deps: InstallDeps,
  undo: Undo,
  plan: Plan,
  namespaces: readonly Namespace[],
  progress: Progress,
): Promise<IncomingVersion> => {
  const target = targetOf(plan);
  const staged = await fetchStaged(deps, undo, plan, target, progress);
  const incoming = await vetStaged(deps, undo, plan, target, staged, progress);
  const { manifest } = incoming;
  if (manifest.requires && !plan.grants && !plan.request.ignoreRequirements) {
    deps.previewCache.set(staged.sha256, { bytes: staged.bytes, manifest });
    throw new BeginAnew(namespaces);
  }
  return incoming;
};

/**
 * The registry can have changed since the owner saw the preview. Less than was shown is no harm.
 * @throws HitagiError INSTALL_SET_CHANGED
 */
const assertShown = ({ shown }: InstallRequest, plans: readonly Plan[]): void => {
  if (!shown) return;
  const agreed = new Set(
    shown.map(({ namespace, version, sha256 }) => `${toNamespace(namespace)} ${version} ${sha256}`),
  );
  const unseen = plans.flatMap(({ current: { namespace }, resolved: { version } }) =>
    agreed.has(`${namespace} ${version.version} ${version.sha256}`) ? [] : `${namespace} ${version.version}`,
  );
  if (unseen.length > 0) throw new HitagiError("INSTALL_SET_CHANGED", { versions: unseen.join(", ") });
};

const takeSteps = async (
  deps: LockedDeps,
  undo: Undo,
  request: InstallRequest,
  namespaces: readonly Namespace[],
  progress: Progress,
): Promise<Installed> => {
  progress.onStep?.("plan");
  const { plan, required } = await planSet(deps, request);
  targetOf(plan);
  const needed = required.map(({ current }) => current.namespace);
  if (needed.some((namespace) => !namespaces.includes(namespace))) throw new BeginAnew(needed);
  await deps.onFaultPoint("planned");
  const changes: (Change & { after: IncomingVersion })[] = [];
  for (const one of required) {
    const { namespace } = one.current;
    const onStep = (step: string) => progress.onStep?.(`${namespace}: ${step}`);
    const after = await incomingOf(deps, undo, one, needed, { ...progress, onStep });
    changes.push({ current: one.current, after });
  }
  const after = await incomingOf(deps, undo, plan, needed, progress);
  // Only now all manifests are known, and with them what is needed.
  assertShown(request, [...required, plan]);
  stopIfCancelled(progress.signal);
  progress.onStep?.("commit");
  await commitAll(deps, undo, [...changes, { current: plan.current, after }]);
  const warnings = plan.warnings.map(reportOf);
  const brought = changes.map((change) => installedOf(change.current, change.after));
  return {
    ...installedOf(plan.current, after),
    ...(warnings.length > 0 && { warnings }),
    ...(brought.length > 0 && {
      required: brought.map(({ namespace, version, from, registry, sha256 }) => ({
        ...{ namespace, version, from, registry, sha256 },
      })),
    }),
  };
};

/** See Installer.install. */
export const install = async (
  deps: InstallDeps,
  request: InstallRequest,
  progress: Progress = {},
): Promise<Installed> => {
  if (request.move) await recordOwnFile(deps, request.namespace);
  // What this install loads stays known to it, however large it is.
  const loaded = new Map<string, PreviewedVersion>();
  const previewCache: InstallDeps["previewCache"] = {
    get: (sha256) => loaded.get(sha256) ?? deps.previewCache.get(sha256),
    set: (sha256, version) => loaded.set(sha256, version),
  };
  let needed: readonly Namespace[] = [];
  for (let round = 1; ; round++) {
    try {
      return await runOperationOn({ ...deps, previewCache }, [request.namespace, ...needed], (locked, undo) =>
        takeSteps(locked, undo, request, needed, progress),
      );
    } catch (error) {
      if (!(error instanceof BeginAnew)) throw error;
      if (round === MAX_ROUNDS) throw new HitagiError("PLUGIN_CHANGED", { namespace: request.namespace });
      needed = error.namespaces;
    }
  }
};
