import type { Actor } from "@hitagi/contract";
import type { HistoryStore } from "../store/types.ts";

const CLI: Actor = { kind: "cli", key: null };

const actions = {
  restore: { actor: CLI, action: "restore_backup" },
  undo: { actor: CLI, action: "revert_restore" },
} as const;

/** A restore, or its undo, for the history. */
export interface RestoreNote {
  kind: keyof typeof actions;
  /** When the backup was made, or the id of the state that was put back. */
  name: string;
}

/** The entry of the history that a store gets before it replaces another one. @param now epoch seconds */
export const restoreEntry = (
  { kind, name }: RestoreNote,
  now: number,
): Parameters<HistoryStore["add"]>[0] => ({
  ...actions[kind],
  ...{ time: now, subject: null, outcome: "ok", ms: 0, job: null },
  details: { name },
});
