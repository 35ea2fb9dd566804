import path from "node:path";
import { readIfThere } from "../../disk/files.ts";
import { sha256Of } from "../../disk/sha256.ts";
import type { InstallDeps } from "../deps.ts";
import type { Undo } from "../undo.ts";
import type { Change, IncomingVersion } from "./commit.ts";
import { type CurrentState, installedManifest } from "./current-state.ts";
import { evictUnused } from "./retention.ts";

const keepNew = async (
  deps: InstallDeps,
  undo: Undo,
  { staged, manifest }: IncomingVersion,
): Promise<void> => {
  if (await deps.artifacts.reserve(staged.sha256)) return;
  undo.push("its kept bytes", () => evictUnused(deps, [staged.sha256]));
  await deps.artifacts.put(staged.bytes, manifest);
};

/** The bytes of the version in place: those in force, which a broken plugin has none of, or those of the file. */
const bytesInPlace = async (
  deps: InstallDeps,
  { active, installed }: CurrentState,
): Promise<Buffer | undefined> => {
  if (!installed) return undefined;
  const known = [active?.code.source, await readIfThere(path.join(deps.pluginsFolder, installed.path))];
  return known.find((bytes) => bytes && sha256Of(bytes) === installed.sha256);
};

/** A file that its owner dropped in by hand is not among the kept ones yet. */
const keepOld = async (deps: InstallDeps, current: CurrentState): Promise<void> => {
  if (!current.installed || (await deps.artifacts.isStored(current.installed.sha256))) return;
  const bytes = await bytesInPlace(deps, current);
  const manifest = bytes && (await installedManifest(deps, current));
  if (manifest) await deps.artifacts.put(bytes, manifest);
  else deps.log.warn({ ...current.installed }, "the version in place is damaged and cannot be kept");
};

/**
 * Keeps the bytes of both versions durably, so that a process that dies can be followed by one that puts either in
 * place.
 * @throws HitagiError DISK_FULL
 */
export const keepArtifacts = async (
  deps: InstallDeps,
  undo: Undo,
  { current, after }: Change,
): Promise<void> => {
  await keepOld(deps, current);
  if (after) await keepNew(deps, undo, after);
  await deps.onFaultPoint("kept");
};
