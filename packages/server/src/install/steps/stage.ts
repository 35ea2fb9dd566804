import { rm } from "node:fs/promises";
import path from "node:path";
import type { Manifest, Permissions, PluginType } from "@hitagi/contract";
import { stagedName, writeNew } from "../../disk/files.ts";
import { sha256Of } from "../../disk/sha256.ts";
import type { PluginCode, Runtime } from "../../runtimes/types.ts";
import type { InstallDeps } from "../deps.ts";
import type { Undo } from "../undo.ts";
import type { CurrentState } from "./current-state.ts";

/** The bytes of an incoming version. All later steps use these bytes, and never read their source again. */
export interface Staged {
  bytes: Buffer;
  sha256: string;
  /** The staging file with the bytes. It is synced before it is moved into place. */
  file: string;
}

/** A vetted version to install. */
export interface IncomingVersion {
  staged: Staged;
  manifest: Manifest;
  runtime: Runtime;
  code: PluginCode;
  /** Relative to the plugins folder. */
  path: string;
  type: PluginType;
  /** Null for a sideloaded plugin. */
  registry: string | null;
  granted: Permissions;
  /** Whether a kept version is restored; its registry may be gone. */
  isRestored?: boolean;
  /** Whether a change is undone: the owner's rules allowed this version before, and no rollback is noted. */
  isUndo?: boolean;
}

/** The change of one plugin, which each operation makes. `after` is undefined for a removal. */
export interface Change {
  current: CurrentState;
  after: IncomingVersion | undefined;
  /** Whether a removal drops settings, secrets, flags and choices about updates. */
  dropsSettings?: boolean | undefined;
}

/**
 * Writes bytes to a staging file.
 * @throws the file system's error, which `withUndo` maps to DISK_FULL where the disk is full
 */
export const stage = async (deps: InstallDeps, undo: Undo, bytes: Buffer): Promise<Staged> => {
  const file = path.join(deps.stagingFolder, stagedName());
  undo.push("a staging file", () => rm(file, { force: true }));
  await writeNew(file, bytes);
  await deps.onFaultPoint("staged");
  return { bytes, sha256: sha256Of(bytes), file };
};
