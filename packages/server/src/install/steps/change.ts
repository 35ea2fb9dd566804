import type { Manifest, Permissions, PluginType } from "@hitagi/contract";
import type { PluginCode, Runtime } from "../../runtimes/types.ts";
import type { CurrentState } from "./current-state.ts";
import type { Staged } from "./stage.ts";

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
  /** Whether the registry may be gone, because a kept version is restored. */
  orphan?: boolean;
}

/** The change of one plugin, which each operation makes. `after` is undefined for a removal. */
export interface Change {
  current: CurrentState;
  after: IncomingVersion | undefined;
}
