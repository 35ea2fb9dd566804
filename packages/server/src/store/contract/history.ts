import type { HistoryEntry, SubjectKind } from "@hitagi/contract";

/** What a reader of the history looks for; what is absent does not narrow it. */
export interface HistoryFilter {
  /** The name of a key, or a kind of actor. */
  actor?: string | undefined;
  action?: string | undefined;
  /** The kind of what it was done to. */
  kind?: SubjectKind | undefined;
  subject?: string | undefined;
  /** What was done to a plugin or its settings, or by it. */
  plugin?: string | undefined;
  /** What was done to an archive, also by a plugin or in a batch that has a report of it. */
  archive?: string | undefined;
  /** `ok`, `failed` for all that is not, or a code. */
  outcome?: string | undefined;
  /** Epoch seconds; `since` is included, `until` is not. */
  since?: number | undefined;
  until?: number | undefined;
  /** Ids, themselves not included. */
  after?: number | undefined;
  before?: number | undefined;
}

export interface HistoryStore {
  /** The ids grow and are never given again. */
  add(entry: Omit<HistoryEntry, "id">): Promise<void>;
  /** Newest first. */
  list(filter: HistoryFilter, page: number, size: number): Promise<{ total: number; items: HistoryEntry[] }>;
  /** The first that fit, oldest first. */
  next(filter: HistoryFilter, limit: number): Promise<HistoryEntry[]>;
  /** Removes what is older than a time, and beyond so many entries the oldest. */
  prune(before: number, keep: number): Promise<void>;
}
