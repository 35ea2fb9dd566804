import type { Bundle, BundleProblem } from "../bundle/bundle.ts";
import type { ManifestSource } from "../manifest-source.ts";
import type { LoadedPlugin, RunFailure } from "../types.ts";
import type { OddRun } from "./odd-runs.ts";
import type { CheckedTypes } from "./type-problems.ts";

export type Severity = "error" | "warning";

/** What a check found. Line and column begin at 1. */
export interface Finding {
  /** Relative to the folder that the command runs in. */
  file: string;
  line: number;
  column: number;
  /** The name of the check. */
  rule: string;
  /** A registry takes no plugin with an error. */
  severity: Severity;
  /** What is wrong, and why that matters. */
  message: string;
  /** How to mend it. */
  hint: string;
}

/** A plugin file, and all that is known of it. What comes after a failure is absent. */
export interface Subject {
  /** The absolute path of the source. */
  file: string;
  source: string;
  manifestSource: ManifestSource;
  bundle: Bundle | undefined;
  bundleProblems: readonly BundleProblem[];
  plugin: LoadedPlugin | undefined;
  loadFailure: RunFailure | undefined;
  /** Its runs on odd archives, on its samples, and over a bad network. */
  oddRuns: readonly OddRun[];
  /** Undefined where types were not checked. */
  checkedTypes: CheckedTypes | undefined;
}

/** What a check says, before its rule and its file are added. */
export interface Fault extends Partial<Pick<Finding, "line" | "column" | "severity">> {
  /** Another file than the source; absolute. */
  file?: string | undefined;
  message: string;
  hint: string;
}

/** Errors that an author did not think of. A message for people is an Error that the plugin throws itself. */
const UNPLANNED = new Set(["TypeError", "ReferenceError", "RangeError", "SyntaxError"]);

/** Whether a run ended with an error that its author did not think of. */
export const isUnplanned = (failure: RunFailure | null): failure is RunFailure & { thrown: string } =>
  UNPLANNED.has(failure?.thrown ?? "");

/** Whether a server refuses what a run returned. */
export const isWrongResult = (failure: RunFailure): boolean =>
  failure.thrown === null && failure.code === "PLUGIN_FAILED" && / returned /.test(failure.message);

/** One thing that is checked. It is a file in the folder `checks`. */
export interface Check {
  rule: string;
  /** What the finding is, unless it says otherwise. */
  severity: Severity;
  /** It needs the published file only, and an owner can act on it: the preview of an install warns of it. */
  isForOwners?: true;
  run(subject: Subject): Fault[] | Promise<Fault[]>;
}
