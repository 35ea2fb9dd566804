import path from "node:path";
import { HitagiError, type Namespace } from "@hitagi/contract";
import { intersect } from "../../runtimes/broker/grants.ts";
import type { StoredVersion } from "../../store/types.ts";
import type { InstallDeps } from "../deps.ts";
import { runOperation } from "../operation.ts";
import type { Journal } from "../recovery/journal.ts";
import { commit, type IncomingVersion } from "../steps/commit.ts";
import { type CurrentState, readCurrentState } from "../steps/current-state.ts";
import { grantsFor } from "../steps/grants.ts";
import { runtimeForFile } from "../steps/install-target.ts";
import { stage } from "../steps/stage.ts";
import { vet } from "../steps/vet.ts";
import type { Installed } from "../types.ts";
import type { Undo } from "../undo.ts";
import { installedOf } from "./install.ts";

/** The kept version that is asked for; without a name, the one that was installed before what stands now. */
const chooseVersion = (
  versions: StoredVersion[],
  { namespace, installed }: CurrentState,
  version: string | undefined,
): StoredVersion => {
  const others = versions.filter((v) => v.sha256 !== installed?.sha256);
  if (version === undefined) {
    const [last] = others;
    if (!last) throw new HitagiError("NOTHING_TO_ROLL_BACK", { namespace });
    return last;
  }
  const named = [...others, ...versions].find((v) => v.version === version);
  if (!named) throw new HitagiError("VERSION_NOT_KEPT", { namespace, version });
  return named;
};

const target = async (
  deps: InstallDeps,
  current: CurrentState,
  version: string | undefined,
): Promise<StoredVersion> => {
  const { namespace, origin } = current;
  if (origin === "builtin") throw new HitagiError("PLUGIN_BUILTIN", { namespace });
  const versions = await deps.store.plugins.versions(namespace);
  if (!origin && versions.length === 0) throw new HitagiError("PLUGIN_NOT_INSTALLED", { namespace });
  return chooseVersion(versions, current, version);
};

/**
 * Loads the kept bytes again, as they were when they were installed. They may do what was granted then, less what
 * the owner has taken away since.
 */
const readmit = async (
  deps: InstallDeps,
  undo: Undo,
  current: CurrentState,
  kept: StoredVersion,
): Promise<IncomingVersion> => {
  const { namespace } = current;
  const bytes = await deps.artifacts.read(kept.sha256);
  if (!bytes) throw new HitagiError("VERSION_NOT_KEPT", { namespace, version: kept.version });
  const filename = path.posix.basename(kept.path);
  const runtime = await runtimeForFile(filename, deps.runtimes);
  const staged = await stage(deps, undo, bytes);
  const code = { namespace, sha256: kept.sha256, filename, source: bytes };
  const manifest = await vet(deps, undo, runtime, code, undefined);
  const decision = await grantsFor(deps, current, manifest, "all");
  const granted = intersect(decision.granted, kept.granted);
  const { path: file, type, registry } = kept;
  return { staged, manifest, runtime, code, path: file, type, registry, granted, orphan: true };
};

/** Puts a kept version back in force, also that of a plugin that was uninstalled; see Installer.rollback. */
export const rollback = (
  deps: InstallDeps,
  journal: Journal,
  namespace: Namespace,
  version?: string,
): Promise<Installed> =>
  runOperation(deps, journal, namespace, async (undo, held) => {
    const current = await readCurrentState(deps, namespace);
    const kept = await target(deps, current, version);
    const after = await readmit(deps, undo, current, kept);
    await commit(held, journal, undo, { current, after });
    return installedOf(current, after);
  });
