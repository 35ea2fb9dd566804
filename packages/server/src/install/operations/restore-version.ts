import path from "node:path";
import { HitagiError, isHitagiError, type Namespace, type Permissions } from "@hitagi/contract";
import type { Provenance } from "../../store/types.ts";
import type { InstallDeps } from "../deps.ts";
import { commit } from "../steps/commit.ts";
import { readCurrentState } from "../steps/current-state.ts";
import { runtimeForFile } from "../steps/install-target.ts";
import type { Installed, RestoreOptions, RestorePlan } from "../types.ts";
import { installedOf } from "./installed.ts";
import { vetKept } from "./rollback.ts";
import { runOperation } from "./run-operation.ts";

/** See Installer.planRestore. */
export const planRestore = async (
  deps: Pick<InstallDeps, "artifacts" | "admission" | "runtimes">,
  namespace: Namespace,
  { version, sha256, type, registry, path: file }: Provenance,
): Promise<RestorePlan> => {
  const manifest = await deps.artifacts.manifest(sha256);
  const found = await runtimeForFile(path.posix.basename(file), deps.runtimes).catch((error: unknown) => {
    if (isHitagiError(error)) return error;
    throw error;
  });
  const runtime = isHitagiError(found) ? undefined : found.name;
  const { refusals } = await deps.admission.judge({ namespace, version, sha256, type, runtime, registry });
  const conflicts = [
    manifest ? undefined : new HitagiError("VERSION_NOT_KEPT", { namespace, version }),
    isHitagiError(found) ? found : undefined,
    ...refusals,
  ].filter((one) => one !== undefined);
  return { manifest, runtime, conflicts };
};

/** See Installer.restoreVersion. */
export const restoreVersion = (
  deps: InstallDeps,
  namespace: Namespace,
  version: Provenance,
  granted: Permissions,
  { isUndo = false }: RestoreOptions = {},
): Promise<Installed> =>
  runOperation(deps, namespace, async (locked, undo) => {
    const current = await readCurrentState(locked, namespace);
    const kept = { ...version, granted, installed: 0 };
    const vetted = await vetKept(locked, undo, namespace, kept);
    const after = { ...vetted, granted, isRestored: true, isUndo };
    await commit(locked, undo, { current, after });
    return installedOf(current, after);
  });
