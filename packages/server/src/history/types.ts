import type { HistoryEntry } from "@hitagi/contract";
import type { HistoryFilter } from "../store/types.ts";

export type NewEntry = Omit<HistoryEntry, "id">;

/** What is done, as far as it is known before it is done. */
export type HistoryAction = Pick<NewEntry, "actor" | "action" | "subject">;

/** Who did what, and how it went. */
export interface History {
  /** Writes an entry in the background; a failure to do so is logged and keeps nobody from anything. */
  record(entry: NewEntry): void;
  /** Does something that is neither a call of the API nor a job, and records it; answers and throws what it does. */
  track<T>(deed: HistoryAction, work: () => Promise<T>): Promise<T>;
  /** One page, newest first. */
  list(filter: HistoryFilter, page: number, size: number): Promise<{ total: number; items: HistoryEntry[] }>;
  /** Everything that fits, oldest first, read a few hundred at a time. */
  all(filter: HistoryFilter): AsyncIterable<HistoryEntry>;
  /** Resolves when what was recorded is written. */
  close(): Promise<void>;
}
