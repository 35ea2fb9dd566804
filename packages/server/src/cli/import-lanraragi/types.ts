/** A registry as LANraragi keeps it: its id there, and the fields of its hash as they stand. */
export interface LanraragiRegistry {
  id: string;
  fields: Record<string, string>;
}

/** Where a plugin that a registry installed came from. */
export interface LanraragiProvenance {
  path: string;
  version: string;
  registry: string;
  sha256: string;
}

/** What LANraragi keeps of one plugin. */
export interface LanraragiPlugin {
  /** In small letters. */
  namespace: string;
  /** Undefined for a builtin or sideloaded one; empty texts where a field is missing. */
  installed: LanraragiProvenance | undefined;
  flags: { enabled?: boolean; hidden?: boolean; priority?: number };
  /** Settings by name. They may be secrets. */
  named: Record<string, string>;
  /** Settings of the older style, by place. They may be secrets. */
  positional: unknown[];
  /** What could not be read of it. */
  faults: string[];
}

/** Everything in a LANraragi's Redis that concerns plugins. */
export interface LanraragiData {
  registries: LanraragiRegistry[];
  /** The id of its default registry; empty for none. */
  ougi: string;
  plugins: LanraragiPlugin[];
}

/** How a step stands: it would be done, it is done, there was nothing to do, or it could not be done. */
export type StepState = "planned" | "done" | "there" | "not done";

/** One thing that is moved. It never shows a setting's value. */
export interface Step {
  what: "registry" | "index" | "default" | "plugin" | "settings" | "flags";
  name: string;
  state: StepState;
  /** What is done, or why not and what to do about it. */
  note: string;
}
