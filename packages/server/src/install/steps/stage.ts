import { rm } from "node:fs/promises";
import path from "node:path";
import type { Manifest, Permissions, PluginType } from "@hitagi/contract";
import { stagedName, writeDurably } from "../../disk/files.ts";
import { sha256Of } from "../../disk/sha256.ts";
import type { PluginCode, Runtime } from "../../runtimes/types.ts";
import type { InstallDeps } from "../deps.ts";
import type { Undo } from "../undo.ts";
import type { CurrentState } from "./current-state.ts";

/** The bytes of an incoming version. All later steps use these bytes, and never read their source again. */
export interface Staged {
  bytes: Buffer;
  sha256: string;
  /** The staging file with the bytes. */
  file: string;
  /** Settles when it is written and durable, which is before it is moved into place. @throws the file system's error */
  written: Promise<void>;
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

const write = async (deps: InstallDeps, file: string, bytes: Buffer): Promise<void> => {
  await writeDurably(file, bytes);
  await deps.onFaultPoint("staged");
};

/** Begins to write bytes to a staging file, which need not wait for the disk until they are moved into place. */
export const stage = (deps: InstallDeps, undo: Undo, bytes: Buffer): Staged => {
  const file = path.join(deps.stagingFolder, stagedName());
  const written = write(deps, file, bytes);
  const ended = written.catch(() => {});
  undo.push("a staging file", async () => {
    await ended;
    await rm(file, { force: true });
  });
  return { bytes, sha256: sha256Of(bytes), file, written };
};
