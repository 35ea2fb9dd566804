import type { Stats } from "node:fs";
import type { ArchiveRecord } from "../store/types.ts";

/** What tells without reading a file whether it was written to since. */
export interface FileState {
  size: number;
  /** Epoch milliseconds. */
  modified: number;
}

export const stateOf = ({ size, mtimeMs }: Pick<Stats, "size" | "mtimeMs">): FileState => ({
  size,
  modified: Math.floor(mtimeMs),
});

/** Whether a file is still in the state of its record. Of a record without a time, the size alone counts. */
export const isAsRecorded = (
  { size, modified }: Pick<ArchiveRecord, "size" | "modified">,
  found: FileState,
): boolean => size === found.size && (modified === undefined || modified === found.modified);
