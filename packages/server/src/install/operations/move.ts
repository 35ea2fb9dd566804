import path from "node:path";
import { HitagiError, type Namespace } from "@hitagi/contract";
import type { StoredVersion } from "../../store/types.ts";
import type { InstallDeps } from "../deps.ts";
import { assertLacksNothing, assertNotRequired } from "../requirements/installed.ts";
import { commit } from "../steps/commit.ts";
import { freePath } from "../steps/conflicts.ts";
import { type CurrentState, readCurrentState } from "../steps/current-state.ts";
import type { Installed, RequirementsOption } from "../types.ts";
import { installedOf } from "./installed.ts";
import { grantedThen, vetKept } from "./rollback.ts";
import { runOperation } from "./run-operation.ts";
import { sideload } from "./sideload.ts";

/** The sideloaded version that was installed last, or the active one, as if its file had been sideloaded. */
const sideloadedVersion = async (deps: InstallDeps, current: CurrentState): Promise<StoredVersion> => {
  const { namespace, installed, version = "" } = current;
  const versions = await deps.store.plugins.versions(namespace);
  const own = versions.find(({ registry }) => registry === null);
  if (own) return own;
  const active = versions.find(({ sha256 }) => sha256 === installed?.sha256);
  if (!active) throw new HitagiError("VERSION_NOT_KEPT", { namespace, version });
  return { ...active, registry: null, path: `Sideloaded/${path.posix.basename(active.path)}` };
};

/** See Installer.moveToSideloaded. */
export const moveToSideloaded = (
  deps: InstallDeps,
  namespace: Namespace,
  options: RequirementsOption = {},
): Promise<Installed> =>
  runOperation(deps, namespace, async (locked, undo) => {
    const current = await readCurrentState(locked, namespace);
    const { origin } = current;
    if (origin === "builtin") throw new HitagiError("PLUGIN_BUILTIN", { namespace });
    if (!origin) throw new HitagiError("PLUGIN_NOT_INSTALLED", { namespace });
    if (origin === "sideloaded") throw new HitagiError("ALREADY_SIDELOADED", { namespace });
    const kept = await sideloadedVersion(locked, current);
    const command = `hitagi move ${namespace}`;
    await assertNotRequired(locked, { namespace, version: kept.version, command }, options);
    const vetted = await vetKept(locked, undo, namespace, kept);
    await assertLacksNothing(locked, { ...vetted, namespace, command }, options);
    const after = {
      ...vetted,
      path: await freePath(locked, namespace, vetted.path),
      granted: await grantedThen(locked, current, vetted, kept),
    };
    await commit(locked, undo, { current, after });
    return installedOf(current, after);
  });

/** Records the owner's own file, which no install put there, so that the version is kept when a registry's plugin replaces it. */
export const recordOwnFile = async (deps: InstallDeps, namespace: Namespace): Promise<void> => {
  const { origin, record, active } = await readCurrentState(deps, namespace);
  if (origin !== "sideloaded" || record?.provenance || !active) return;
  await sideload(deps, active.code.filename, active.code.source, false);
};
