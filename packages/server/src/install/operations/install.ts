import type { InstallDeps } from "../deps.ts";
import type { LockedDeps } from "../locks.ts";
import { commit } from "../steps/commit.ts";
import { choiceOf, grant } from "../steps/grants.ts";
import type { InstallTarget } from "../steps/install-target.ts";
import { makePlan, type Plan, reportOf, targetOf } from "../steps/plan.ts";
import { type IncomingVersion, type Staged, stage } from "../steps/stage.ts";
import { verifyBytes, verifyManifest } from "../steps/verify-artifact.ts";
import { vet } from "../steps/vet.ts";
import type { Installed, InstallRequest, Progress } from "../types.ts";
import type { Undo } from "../undo.ts";
import { installedOf } from "./installed.ts";
import { recordOwnFile } from "./move.ts";
import { runOperation, stopIfCancelled } from "./run-operation.ts";

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
  const staged = await stage(deps, undo, bytes);
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
  const granted = await grant(deps, plan.current, granting, choiceOf(deps, plan.request.grant));
  return { staged, manifest, runtime, code, path, type: plugin.type, registry, granted };
};

const takeSteps = async (
  deps: LockedDeps,
  undo: Undo,
  request: InstallRequest,
  progress: Progress,
): Promise<Installed> => {
  progress.onStep?.("plan");
  const plan = await makePlan(deps, request);
  const target = targetOf(plan);
  await deps.onFaultPoint("planned");
  const staged = await fetchStaged(deps, undo, plan, target, progress);
  const after = await vetStaged(deps, undo, plan, target, staged, progress);
  stopIfCancelled(progress.signal);
  progress.onStep?.("commit");
  await commit(deps, undo, { current: plan.current, after });
  const warnings = plan.warnings.map(reportOf);
  return { ...installedOf(plan.current, after), ...(warnings.length > 0 && { warnings }) };
};

/** See Installer.install. */
export const install = async (
  deps: InstallDeps,
  request: InstallRequest,
  progress: Progress = {},
): Promise<Installed> => {
  if (request.move) await recordOwnFile(deps, request.namespace);
  return runOperation(deps, request.namespace, (locked, undo) => takeSteps(locked, undo, request, progress));
};
