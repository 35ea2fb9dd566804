import path from "node:path";
import { readPluginFile } from "../../disk/files.ts";
import { sha256Of } from "../../disk/sha256.ts";
import type { LockedDeps } from "../locks.ts";
import type { Undo } from "../undo.ts";
import { type CurrentState, installedManifest } from "./current-state.ts";
import { evictUnused } from "./retention.ts";
import type { Change, IncomingVersion } from "./stage.ts";

const keepNew = async (
  deps: LockedDeps,
  undo: Undo,
  { staged, manifest }: IncomingVersion,
): Promise<void> => {
  if (await deps.artifacts.reserve(staged.sha256)) return;
  undo.push("its kept bytes", () => evictUnused(deps, [staged.sha256]));
  await deps.artifacts.put(staged.bytes, manifest);
};

/** The bytes of the installed version: in memory, unless the plugin is broken, or in its file. */
const installedBytes = async (
  deps: LockedDeps,
  { active, installed }: CurrentState,
): Promise<Buffer | undefined> => {
  if (!installed) return undefined;
  const placed = await readPluginFile(path.join(deps.pluginsFolder, installed.path));
  const known = [active?.code.source, placed];
  return known.find((bytes) => bytes && sha256Of(bytes) === installed.sha256);
};

/** The owner's own file is not among the artifacts yet. */
const keepOld = async (deps: LockedDeps, current: CurrentState): Promise<void> => {
  if (!current.installed || (await deps.artifacts.isStored(current.installed.sha256))) return;
  const bytes = await installedBytes(deps, current);
  const manifest = bytes && (await installedManifest(deps, current));
  if (manifest) await deps.artifacts.put(bytes, manifest);
  else deps.log.warn({ ...current.installed }, "the installed version is damaged and cannot be kept");
};

/**
 * Stores the bytes of both versions, so that recovery can restore either after a crash.
 * @throws HitagiError DISK_FULL
 */
export const keepArtifacts = async (
  deps: LockedDeps,
  undo: Undo,
  { current, after }: Change,
): Promise<void> => {
  await keepOld(deps, current);
  if (after) await keepNew(deps, undo, after);
  await deps.onFaultPoint("kept");
};
