import { HitagiError, type Namespace } from "@hitagi/contract";
import type { InstallDeps } from "../deps.ts";
import { commit } from "../steps/commit.ts";
import { readCurrentState } from "../steps/current-state.ts";
import { grant } from "../steps/grants.ts";
import type { Installed } from "../types.ts";
import { install } from "./install.ts";
import { installedOf } from "./installed.ts";
import { vetKept } from "./rollback.ts";
import { runOperation } from "./run-operation.ts";

/** See Installer.reinstall. */
export const reinstall = async (deps: InstallDeps, namespace: Namespace): Promise<Installed> => {
  const { origin, record } = await readCurrentState(deps, namespace);
  if (origin === "builtin") throw new HitagiError("PLUGIN_BUILTIN", { namespace });
  if (!record?.provenance) throw new HitagiError("PLUGIN_NOT_INSTALLED", { namespace });
  const { sha256, registry, version } = record.provenance;
  const kept = (await deps.store.plugins.versions(namespace)).find((one) => one.sha256 === sha256);
  if (registry !== null && !(kept && (await deps.artifacts.read(sha256))))
    return install(deps, { namespace, registry, version });
  if (!kept) throw new HitagiError("VERSION_NOT_KEPT", { namespace, version });
  return runOperation(deps, namespace, async (locked, undo) => {
    const current = await readCurrentState(locked, namespace);
    const vetted = await vetKept(locked, undo, namespace, kept);
    const granting = { ...vetted, runtime: vetted.runtime.name };
    const granted = await grant(locked, current, granting, "none");
    const after = { ...vetted, granted, isRestored: true };
    await commit(locked, undo, { current, after });
    return installedOf(current, after);
  });
};
