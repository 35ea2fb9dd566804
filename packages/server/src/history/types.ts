import type { HistoryDetails, HistoryEntry, Subject } from "@hitagi/contract";
import type { HistoryFilter } from "../store/types.ts";

export type NewEntry = Omit<HistoryEntry, "id">;

/** What is known of an action before it runs. */
export type HistoryAction = Pick<NewEntry, "actor" | "action" | "subject" | "details">;

/** Records who did what, with the outcome. */
export interface History {
  /**
   * Writes an entry in the background; a failure is logged only.
   * @param read reads further details first
   */
  record(entry: NewEntry, read?: () => Promise<HistoryDetails | undefined>): void;
  /** The name that a subject has now; undefined where it has none. What is removed is asked for its name before. */
  nameOf(subject: Subject | null): Promise<string | undefined>;
  /** Runs work that is neither a call of the API nor a job, and records it. Returns and throws what the work does. */
  track<T>(action: HistoryAction, work: () => Promise<T>): Promise<T>;
  /** One page, newest first. */
  list(filter: HistoryFilter, page: number, size: number): Promise<{ total: number; items: HistoryEntry[] }>;
  /** All matching entries, oldest first, read in batches. */
  all(filter: HistoryFilter): AsyncIterable<HistoryEntry>;
  /** Resolves when what was recorded is written. */
  close(): Promise<void>;
}
