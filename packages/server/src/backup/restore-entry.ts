import type { HistoryStore } from "../store/types.ts";

/** The actions of the history. */
export const restoreActions = { restore: "restore_backup", undo: "revert_restore" } as const;

/** A restore, or its undo, for the history. */
export interface RestoreNote {
  kind: keyof typeof restoreActions;
  /** When the backup was made, or the id of the state that was put back. */
  name: string;
  /** The command, or the server at its start. */
  by: "cli" | "server";
}

/** The entry of the history that a store gets before it replaces another one. @param now epoch seconds */
export const restoreEntry = (
  { kind, name, by }: RestoreNote,
  now: number,
): Parameters<HistoryStore["add"]>[0] => ({
  ...{ actor: { kind: by, key: null }, action: restoreActions[kind] },
  ...{ time: now, subject: null, outcome: "ok", ms: 0, job: null },
  details: { name },
});
