import { HitagiError, isHitagiError } from "@hitagi/contract";
import { isDiskFull } from "../disk/errno.ts";
import type { InstallDeps } from "./deps.ts";

/** What each step leaves behind, so that a failure can take it back. */
export interface Undo {
  /**
   * @param what is left to clean if this fails, in words without server paths
   * @param action is told what the later steps, undone before it, have left
   */
  push(what: string, action: UndoAction): void;
  /** The new state is true: from here on nothing is taken back. */
  discard(): void;
}

type UndoAction = (left: readonly string[]) => void | Promise<void>;

interface Step {
  what: string;
  action: UndoAction;
}

/** Runs every step, last one first, once. Answers what could not be undone. */
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

/** No room on the disk has a code of its own wherever in the operation it shows. */
const coded = (error: unknown): unknown =>
  isDiskFull(error) ? new HitagiError("DISK_FULL", {}, { cause: error }) : error;

/**
 * Runs an operation whose steps push how to take them back. Where it fails, all that was pushed runs in reverse,
 * once, and the failure is thrown on.
 * @param outer that of the operation that this one is a part of: where the new state is true, nothing of it is taken back either
 * @throws HitagiError UNDO_FAILED where taking back failed too, DISK_FULL, and whatever the operation throws
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
    const error = coded(failure);
    const left = await runInReverse(steps, deps.log);
    if (left.length === 0) throw error;
    const reason = isHitagiError(error) ? error.message : "an internal error";
    throw new HitagiError("UNDO_FAILED", { reason, left: left.join(", ") }, { cause: error });
  }
};
