import type { BatchCounts, BatchItem, BatchOutcome } from "@hitagi/contract";

/** What batches did to archives. It is removed with the job. */
export interface BatchStore {
  /**
   * Notes what a batch does to one archive, or changes that note. Relaxed; see {@link Durability}.
   * @throws HitagiError JOB_NOT_FOUND
   */
  put(job: number, item: BatchItem): Promise<void>;
  get(job: number, archive: string): Promise<BatchItem | undefined>;
  /** In the order in which they were first noted. */
  list(
    job: number,
    filter: { outcome?: BatchOutcome | undefined },
    page: number,
    size: number,
  ): Promise<{ total: number; items: BatchItem[] }>;
  counts(job: number): Promise<BatchCounts>;
  /** The archives noted with any outcome but `pending`. */
  ended(job: number): Promise<string[]>;
}
