import { ApiError, type Client, type InstalledPlugin, isHitagiError } from "@hitagi/contract";
import type { LanraragiData, Step, StepState } from "./types.ts";

/** What the steps work with. The same steps show what would be done and do it. */
export interface Move {
  client: Client;
  /** Whether it is done, and not only shown. */
  apply: boolean;
  foreign: LanraragiData;
  /** Waits for a job and gives its data. Throws with the reason where it failed. */
  result(job: number): Promise<unknown>;
  tell(what: Step["what"], name: string, state: StepState, note: string): void;
  /** The registries by their ids there; `id` is undefined for one that is only planned. */
  registries: Map<string, { id: string | undefined; name: string }>;
  /** What is installed here by namespace. */
  installed: Map<string, InstalledPlugin>;
  /** Whether the server runs no Perl plugins. */
  perlOff: boolean;
  /** Namespaces that would be installed. */
  planned: Set<string>;
}

/** Why something failed, with what to do about it. Throws what is no refusal. */
export const reasonOf = (error: unknown): string => {
  if (error instanceof ApiError || isHitagiError(error))
    return [error.message, error.hint].filter(Boolean).join(" ");
  if (error instanceof Error && "hint" in error) return [error.message, error.hint].filter(Boolean).join(" ");
  throw error;
};

/** Does something, or says that it would be. Answers whether it is done. */
export const step = async (
  move: Move,
  { what, name, note }: Pick<Step, "what" | "name" | "note">,
  act: () => Promise<unknown>,
): Promise<boolean> => {
  if (!move.apply) {
    move.tell(what, name, "planned", note);
    return false;
  }
  try {
    await act();
    move.tell(what, name, "done", note);
    return true;
  } catch (error) {
    // A server that went away is no matter of this step alone.
    if (isHitagiError(error, "SERVER_UNREACHABLE")) throw error;
    move.tell(what, name, "not done", reasonOf(error));
    return false;
  }
};
