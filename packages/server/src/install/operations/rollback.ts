import path from "node:path";
import { HitagiError, type Namespace, type Permissions } from "@hitagi/contract";
import { hasOpenNetwork, intersect, intersectOpen, withFiles } from "../../runtimes/broker/grants.ts";
import type { StoredVersion } from "../../store/types.ts";
import type { InstallDeps } from "../deps.ts";
import { assertLacksNothing, assertNotRequired } from "../requirements/installed.ts";
import { commit } from "../steps/commit.ts";
import { type CurrentState, readCurrentState } from "../steps/current-state.ts";
import { grantsFor } from "../steps/grants.ts";
import { runtimeForFile } from "../steps/install-target.ts";
import { type IncomingVersion, stage } from "../steps/stage.ts";
import { vet } from "../steps/vet.ts";
import type { Installed, RequirementsOption } from "../types.ts";
import type { Undo } from "../undo.ts";
import { installedOf } from "./installed.ts";
import { judgeKept, rollbackCommand } from "./judge-returns.ts";
import { runOperation } from "./run-operation.ts";

/** Reasons against a version, and not against all of a plugin. */
const OF_A_VERSION: ReadonlySet<string> = new Set([
  "PLUGIN_BLOCKED",
  "VERSION_DANGEROUS",
  "VERSION_YANKED",
  "VERSION_LEFT_OUT",
  "VERSION_NOT_IN_EPOCH",
]);

/**
 * The latest of the kept versions that nothing stands against.
 * @throws HitagiError NOTHING_TO_ROLL_BACK; where all are refused, NOTHING_SAFE_TO_ROLL_BACK, or the one reason that all have
 */
const latestSafe = async (
  deps: InstallDeps,
  namespace: Namespace,
  versions: readonly StoredVersion[],
): Promise<StoredVersion> => {
  const refusals: HitagiError[] = [];
  for (const kept of versions) {
    const against = await judgeKept(deps, namespace, kept);
    if (!against) return kept;
    refusals.push(against);
  }
  const [first] = refusals;
  if (!first) throw new HitagiError("NOTHING_TO_ROLL_BACK", { namespace });
  if (!OF_A_VERSION.has(first.code) && refusals.every(({ code }) => code === first.code)) throw first;
  const reasons = refusals.map(({ message }) => message);
  throw new HitagiError("NOTHING_SAFE_TO_ROLL_BACK", { namespace, reasons: reasons.join(" ") });
};

/** The requested version; by default the latest safe one that was installed before the current one. */
const chooseVersion = async (
  deps: InstallDeps,
  versions: StoredVersion[],
  { namespace, installed }: CurrentState,
  version: string | undefined,
): Promise<StoredVersion> => {
  const others = versions.filter((v) => v.sha256 !== installed?.sha256);
  if (version === undefined) return latestSafe(deps, namespace, others);
  const named = [...others, ...versions].find((v) => v.version === version);
  if (!named) throw new HitagiError("VERSION_NOT_KEPT", { namespace, version });
  return named;
};

const findVersion = async (
  deps: InstallDeps,
  current: CurrentState,
  version: string | undefined,
): Promise<StoredVersion> => {
  const { namespace, origin } = current;
  if (origin === "builtin") throw new HitagiError("PLUGIN_BUILTIN", { namespace });
  const versions = await deps.store.plugins.versions(namespace);
  if (!origin && versions.length === 0) throw new HitagiError("PLUGIN_NOT_INSTALLED", { namespace });
  return chooseVersion(deps, versions, current, version);
};

/** A kept version that is vetted again, before it is decided what it is granted. */
export type VettedVersion = Omit<IncomingVersion, "granted">;

/** Vets the kept bytes again. @throws HitagiError VERSION_NOT_KEPT, LOAD_FAILED, LOAD_CHECK_FAILED */
export const vetKept = async (
  deps: InstallDeps,
  undo: Undo,
  namespace: Namespace,
  kept: StoredVersion,
): Promise<VettedVersion> => {
  const bytes = await deps.artifacts.read(kept.sha256);
  if (!bytes) throw new HitagiError("VERSION_NOT_KEPT", { namespace, version: kept.version });
  const filename = path.posix.basename(kept.path);
  const runtime = await runtimeForFile(filename, deps.runtimes);
  const staged = stage(deps, undo, bytes);
  const code = { namespace, sha256: kept.sha256, filename, source: bytes };
  const manifest = await vet(deps, undo, runtime, code, undefined);
  const { path: file, type, registry } = kept;
  return { staged, manifest, runtime, code, path: file, type, registry };
};

/** The permissions of then, except those that the owner has revoked since, and the files of now. */
export const grantedThen = async (
  deps: InstallDeps,
  current: CurrentState,
  version: VettedVersion,
  kept: StoredVersion,
): Promise<Permissions> => {
  const granting = { ...version, runtime: version.runtime.name };
  const decision = await grantsFor(deps, current, granting, "all");
  const scopes = (hasOpenNetwork(granting) ? intersectOpen : intersect)(decision.granted, kept.granted);
  return withFiles(scopes, decision.granted.files);
};

/** See Installer.rollback. */
export const rollback = (
  deps: InstallDeps,
  namespace: Namespace,
  version?: string,
  options: RequirementsOption = {},
): Promise<Installed> =>
  runOperation(deps, namespace, async (locked, undo) => {
    const current = await readCurrentState(locked, namespace);
    const kept = await findVersion(locked, current, version);
    const command = rollbackCommand(namespace, kept.version);
    await assertNotRequired(locked, { namespace, version: kept.version, command }, options);
    const vetted = await vetKept(locked, undo, namespace, kept);
    await assertLacksNothing(locked, { ...vetted, namespace, command }, options);
    const granted = await grantedThen(locked, current, vetted, kept);
    const after = { ...vetted, granted, isRestored: true };
    await commit(locked, undo, { current, after });
    return installedOf(current, after);
  });
