import { HitagiError } from "@hitagi/contract";
import type { InstallDeps } from "../deps.ts";
import { runOperation } from "../operation.ts";
import type { Journal } from "../recovery/journal.ts";
import { commit, type IncomingVersion } from "../steps/commit.ts";
import { type CurrentState, withheldOf } from "../steps/current-state.ts";
import { choiceOf, grant } from "../steps/grants.ts";
import type { InstallTarget } from "../steps/install-target.ts";
import { makePlan, type Plan, targetOf } from "../steps/plan.ts";
import { type Staged, stage } from "../steps/stage.ts";
import { verifyBytes, verifyManifest } from "../steps/verify-artifact.ts";
import { vet } from "../steps/vet.ts";
import type { Installed, InstallRequest, Progress } from "../types.ts";
import type { Undo } from "../undo.ts";

/** What the caller of an operation is told of the version that is in force now. */
export const installedOf = (
  current: CurrentState,
  { manifest, registry, staged, granted }: IncomingVersion,
): Installed => ({
  name: manifest.name,
  namespace: manifest.namespace,
  version: manifest.version,
  registry,
  sha256: staged.sha256,
  granted,
  withheld: withheldOf(current, registry),
});

/** The last moment at which a cancelled operation stops; from the commit on it is carried through. */
export const stopIfCancelled = (signal: AbortSignal | undefined): void => {
  if (signal?.aborted) throw new HitagiError("PLUGIN_CANCELLED");
};

/** The version's bytes: those that are known here by the hash that the index says, else those of the registry. */
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
  place: InstallTarget,
  { signal, onStep }: Progress,
): Promise<Staged> => {
  onStep?.("fetch");
  const bytes = await bytesOf(deps, plan, signal);
  await deps.onFaultPoint("fetched");
  const staged = await stage(deps, undo, bytes);
  onStep?.("verify");
  verifyBytes(staged.sha256, plan.resolved);
  place.runtime.checkPath?.(bytes, place.path);
  await deps.onFaultPoint("verified");
  return staged;
};

const vetStaged = async (
  deps: InstallDeps,
  undo: Undo,
  plan: Plan,
  place: InstallTarget,
  staged: Staged,
  { signal, onStep }: Progress,
): Promise<IncomingVersion> => {
  onStep?.("vet");
  const { namespace } = plan.current;
  const { sha256, bytes: source } = staged;
  const code = { namespace, sha256, filename: place.filename, source };
  const manifest = await vet(deps, undo, place.runtime, code, signal);
  verifyManifest(manifest, plan.resolved);
  const granted = await grant(deps, plan.current, manifest, choiceOf(deps, plan.request.grant));
  const { path, runtime } = place;
  const { registry, plugin } = plan.resolved;
  return { staged, manifest, runtime, code, path, type: plugin.type, registry, granted };
};

const takeSteps = async (
  deps: InstallDeps,
  journal: Journal,
  undo: Undo,
  request: InstallRequest,
  progress: Progress,
): Promise<Installed> => {
  progress.onStep?.("plan");
  const plan = await makePlan(deps, request);
  const place = targetOf(plan);
  await deps.onFaultPoint("planned");
  const staged = await fetchStaged(deps, undo, plan, place, progress);
  const after = await vetStaged(deps, undo, plan, place, staged, progress);
  stopIfCancelled(progress.signal);
  progress.onStep?.("commit");
  await commit(deps, journal, undo, { current: plan.current, after });
  return installedOf(plan.current, after);
};

/** Installs a version out of a registry, in the steps of {@link takeSteps}; see Installer.install. */
export const install = (
  deps: InstallDeps,
  journal: Journal,
  request: InstallRequest,
  progress: Progress = {},
): Promise<Installed> =>
  runOperation(deps, journal, request.namespace, (undo, held) =>
    takeSteps(held, journal, undo, request, progress),
  );
