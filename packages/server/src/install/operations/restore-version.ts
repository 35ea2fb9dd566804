import type { Namespace, Permissions } from "@hitagi/contract";
import type { Provenance } from "../../store/types.ts";
import type { InstallDeps } from "../deps.ts";
import { commit } from "../steps/commit.ts";
import { readCurrentState } from "../steps/current-state.ts";
import type { Installed, RestoreOptions } from "../types.ts";
import { installedOf } from "./installed.ts";
import { vetKept } from "./rollback.ts";
import { runOperation } from "./run-operation.ts";

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
