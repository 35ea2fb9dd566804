/** A registry of LANraragi: its id and the fields of its hash. */
export interface LanraragiRegistry {
  id: string;
  fields: Record<string, string>;
}

/** The provenance of a plugin from a registry. */
export interface LanraragiProvenance {
  path: string;
  version: string;
  registry: string;
  sha256: string;
}

/** LANraragi's data of one plugin. */
export interface LanraragiPlugin {
  /** Lower case. */
  namespace: string;
  /** Undefined for a builtin or sideloaded plugin. A missing field is empty. */
  installed: LanraragiProvenance | undefined;
  flags: { enabled?: boolean; hidden?: boolean; priority?: number };
  /** Named settings, possibly secret. */
  named: Record<string, string>;
  /** Older, positional settings, possibly secret. */
  positional: unknown[];
  /** What could not be read. */
  faults: string[];
}

/** All data about plugins in LANraragi's Redis. */
export interface LanraragiData {
  registries: LanraragiRegistry[];
  /** The id of the default registry, or empty. */
  ougi: string;
  plugins: LanraragiPlugin[];
}

/** The state of a step: planned, done, already there, or not possible. */
export type StepState = "planned" | "done" | "there" | "not done";

/** One imported item. It never shows a setting's value. */
export interface Step {
  what: "registry" | "index" | "default" | "plugin" | "settings" | "flags";
  name: string;
  state: StepState;
  /** What is imported, or why not and what to do. */
  note: string;
}
