import { type Client, type InstalledPlugin, type InstallPlan, isHitagiError } from "@hitagi/contract";
import { sentence } from "../format.ts";
import type { LanraragiData } from "./read.ts";

/** The state of a step: planned, done, already there, or not possible. */
export type StepState = "planned" | "done" | "there" | "not done";

/** One imported item. It never shows a setting's value. */
export interface Step {
  what: "registry" | "index" | "default" | "plugin" | "settings" | "flags" | "tag rules";
  name: string;
  state: StepState;
  /** What is imported, or why not and what to do. */
  note: string;
}

/** What the steps share. The same steps show the plan and carry it out. */
export interface ImportContext {
  client: Client;
  /** Whether to import, or only to show the plan. */
  apply: boolean;
  foreign: LanraragiData;
  /** Waits for a job and returns its data. Throws its error if it failed. */
  result(job: number): Promise<unknown>;
  /** Shows what an install does and grants, and asks for it. Throws if it is refused. */
  agree(plan: InstallPlan): Promise<unknown>;
  report(what: Step["what"], name: string, state: StepState, note: string): void;
  /** The registries by their LANraragi ids; `id` is undefined for a planned one. */
  registries: Map<string, { id: string | undefined; name: string }>;
  /** The ids of the registries whose index was fetched. */
  refreshed: Set<string>;
  /** The installed plugins by namespace. */
  installed: Map<string, InstalledPlugin>;
  /** Whether the server runs no Perl plugins. */
  perlOff: boolean;
  /** Namespaces that would be installed. */
  planned: Set<string>;
}

/** The reason and the hint of a refusal. Throws other errors. */
export const reasonOf = (error: unknown): string => {
  if (error instanceof Error && "hint" in error)
    return [sentence(error.message), error.hint].filter(Boolean).join(" ");
  throw error;
};

/** Carries a step out, or reports it as planned. @returns whether it was done */
export const runStep = async (
  context: ImportContext,
  { what, name, note }: Pick<Step, "what" | "name" | "note">,
  act: () => Promise<unknown>,
): Promise<boolean> => {
  if (!context.apply) {
    context.report(what, name, "planned", note);
    return false;
  }
  try {
    await act();
    context.report(what, name, "done", note);
    return true;
  } catch (error) {
    // A lost server affects all steps.
    if (isHitagiError(error, "SERVER_UNREACHABLE")) throw error;
    context.report(what, name, "not done", reasonOf(error));
    return false;
  }
};
