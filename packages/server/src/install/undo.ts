import { HitagiError, isHitagiError } from "@hitagi/contract";
import { diskFullOr } from "../disk/errors.ts";
import type { InstallDeps } from "./deps.ts";

/** The stack of undo actions of an operation. */
export interface Undo {
  /**
   * @param what names what is left if the action fails, without server paths
   * @param action gets the names of what the actions before it have left
   */
  push(what: string, action: UndoAction): void;
  /** Discards all actions, once the new state is committed. */
  discard(): void;
}

type UndoAction = (left: readonly string[]) => void | Promise<void>;

interface Step {
  what: string;
  action: UndoAction;
}

/** Runs all actions in reverse order, once. @returns what could not be undone */
const runInReverse = async (steps: Step[], log: InstallDeps["log"]): Promise<string[]> => {
  const left: string[] = [];
  for (let step = steps.pop(); step; step = steps.pop()) {
    try {
      await step.action(left);
    } catch (error) {
      log.error({ err: error, left: step.what }, "an undo failed");
      left.push(step.what);
    }
  }
  return left;
};

/**
 * Runs an operation whose steps push undo actions. If it fails, runs the actions in reverse order, and throws its error.
 * @param outer the stack of the enclosing operation, which is discarded together with this one
 * @throws HitagiError UNDO_FAILED where an action failed too, DISK_FULL, and the errors of the operation
 */
export const withUndo = async <T>(
  deps: Pick<InstallDeps, "log">,
  operation: (undo: Undo) => Promise<T>,
  outer?: Undo,
): Promise<T> => {
  const steps: Step[] = [];
  try {
    return await operation({
      push: (what, action) => steps.push({ what, action }),
      discard: () => {
        steps.length = 0;
        outer?.discard();
      },
    });
  } catch (failure) {
    const error = diskFullOr(failure);
    const left = await runInReverse(steps, deps.log);
    if (left.length === 0) throw error;
    const reason = isHitagiError(error) ? error.message : "an internal error";
    throw new HitagiError("UNDO_FAILED", { reason, left: left.join(", ") }, { cause: error });
  }
};
