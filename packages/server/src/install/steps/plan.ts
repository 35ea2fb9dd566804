import {
  type Confinement,
  type ErrorReport,
  HitagiError,
  type InstallPlan,
  isHitagiError,
} from "@hitagi/contract";
import type { Judgement } from "../../admission/types.ts";
import { changelogBetween } from "../../catalog/details.ts";
import type { Resolved } from "../../catalog/types.ts";
import { compareBuilds } from "../../catalog/version-choice.ts";
import type { GrantDecision } from "../../runtimes/broker/grants.ts";
import type { InstallDeps } from "../deps.ts";
import type { InstallRequest } from "../types.ts";
import {
  diskFull,
  fileTaken,
  freePath,
  heldBack,
  namespaceClash,
  namespaceTaken,
  otherRegistry,
  versionChanged,
  wouldDowngrade,
} from "./conflicts.ts";
import { type CurrentState, readCurrentState, withheldOf } from "./current-state.ts";
import { choiceOf, grantError, grantsFor } from "./grants.ts";
import { type InstallTarget, managedTarget } from "./install-target.ts";
import { manifestMismatch } from "./verify-artifact.ts";

/** What an install will do, and its conflicts, the gravest first. */
export interface Plan {
  request: InstallRequest;
  resolved: Resolved;
  current: CurrentState;
  action: InstallPlan["action"];
  /** Undefined where the artifact's name is a conflict. */
  target: InstallTarget | undefined;
  conflicts: HitagiError[];
  /** What the owner should know, and what keeps nothing from being installed. */
  warnings: HitagiError[];
  /** Packages of other plugins whose functions it calls; known where the grants are. */
  uses: readonly string[];
  /** Null without a target. */
  confinement: Confinement | null;
  /** Undefined before the load check, unless the version was installed or previewed here. */
  grants: GrantDecision | undefined;
}

const actionOf = (current: CurrentState, { registry, version }: Resolved): InstallPlan["action"] => {
  const installed = current.version;
  if (installed === undefined) return "install";
  if (current.registry !== registry) return "replace";
  if (installed === version.version) return "reinstall";
  return compareBuilds(version.version, installed) > 0 ? "upgrade" : "downgrade";
};

/** The target of an install. A file of a generated index may have the name of another registry's file. */
const findTarget = async (deps: InstallDeps, resolved: Resolved): Promise<InstallTarget | HitagiError> => {
  try {
    const target = await managedTarget(resolved, deps.runtimes);
    if (!resolved.isGenerated) return target;
    return { ...target, path: await freePath(deps, resolved.plugin.namespace, target.path) };
  } catch (e) {
    if (isHitagiError(e, "ARTIFACT_NAME_INVALID", "RUNTIME_UNAVAILABLE")) return e;
    throw e;
  }
};

const moveRemedy = ({ namespace }: CurrentState): string =>
  `\`hitagi move ${namespace}\` replaces it by the registry's plugin, and keeps its settings.`;

/** What the owner's rules say of the chosen version. The installed version may be put in place again, however old it is. */
const judgementOf = (
  { admission }: InstallDeps,
  { version: wanted, update, acceptUnsigned = false }: InstallRequest,
  current: CurrentState,
  { registry, plugin, version: { version, sha256 }, accepted }: Resolved,
  target: InstallTarget | undefined,
): Promise<Judgement> => {
  const { namespace, type } = plugin;
  const isNamed = (wanted !== undefined && update === undefined) || sha256 === current.installed?.sha256;
  const newest = update === "automatic" ? "automatic" : "newest";
  return admission.judgeChoice(
    { namespace, version, sha256, type, runtime: target?.runtime.name, registry },
    { accepted, by: isNamed ? "name" : newest, from: current.registry, acceptUnsigned },
  );
};

/**
 * Plans an install: the version, the action, the conflicts. Changes nothing. Preview and install share it, so that they agree.
 * @throws HitagiError, see Catalog.resolve
 */
export const makePlan = async (deps: InstallDeps, request: InstallRequest): Promise<Plan> => {
  const current = await readCurrentState(deps, request.namespace);
  const { namespace } = current;
  const resolved = await deps.catalog.resolve(request.registry, namespace, request.version);
  const { sha256 } = resolved.version;
  const found = await findTarget(deps, resolved);
  const target = found instanceof HitagiError ? undefined : found;
  const previewed = deps.previewCache.get(sha256);
  const manifest = previewed?.manifest ?? (await deps.artifacts.manifest(sha256));
  const choice = choiceOf(deps, request.grant, request.asksFirst);
  const granting = manifest &&
    target && { manifest, runtime: target.runtime.name, registry: resolved.registry };
  const grants = granting && (await grantsFor(deps, current, granting, choice));
  const { refusals, ...judged } = await judgementOf(deps, request, current, resolved, target);
  const warnings = [...judged.warnings, ...(previewed?.findings ?? [])];
  const conflicts = [
    namespaceTaken(current, moveRemedy(current), "builtin", ...(request.move ? [] : ["sideloaded"])),
    await otherRegistry(deps, current, request, sha256),
    await versionChanged(deps, request, resolved),
    wouldDowngrade(current, request, resolved),
    heldBack(current, resolved),
    ...refusals,
    found instanceof HitagiError ? found : undefined,
    target && (await namespaceClash(deps, current, target.path)),
    target && (await fileTaken(deps, current, { path: target.path, sha256 })),
    await diskFull(deps),
    manifest && manifestMismatch(manifest, resolved),
    grants && grantError(current, granting, grants, choice),
  ].filter((conflict) => conflict !== undefined);
  const confinement = (await target?.runtime.confinement()) ?? null;
  const action = actionOf(current, resolved);
  const uses = manifest?.uses ?? [];
  return { request, resolved, current, action, target, conflicts, warnings, uses, confinement, grants };
};

/** The target of a plan without conflicts. @throws HitagiError the first conflict */
export const targetOf = (plan: Plan): InstallTarget => {
  const [conflict] = plan.conflicts;
  if (conflict) throw conflict;
  if (!plan.target) throw new TypeError("a plan without a target has a conflict");
  return plan.target;
};

/** An error as a part of an answer. */
export const reportOf = ({ code, message, hint }: HitagiError): ErrorReport => ({ code, message, hint });

/** The plan as the API returns it. */
export const showPlan = ({
  resolved: { registry, registryName, plugin, version, details },
  current,
  ...plan
}: Plan): InstallPlan => {
  const changelog = current.version && changelogBetween(details, current.version, version.version);
  return {
    namespace: current.namespace,
    registry,
    registryName,
    type: plugin.type,
    version: version.version,
    sha256: version.sha256,
    action: plan.action,
    installed: current.version ?? null,
    ...(changelog && { changelog }),
    conflicts: plan.conflicts.map(reportOf),
    warnings: plan.warnings.map(reportOf),
    permissions: plan.grants ?? null,
    withheld: withheldOf(current, registry),
    uses: [...plan.uses],
    confinement: plan.confinement,
  };
};
