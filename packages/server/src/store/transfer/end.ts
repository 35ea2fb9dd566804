import type { ReadIndex } from "../contract/catalog.ts";
import type { TransferSide } from "../contract/transfer.ts";
import type { ArtifactShelf } from "./artifacts.ts";

/** A store that is one end of a copy, held so that no server is on it. */
export interface TransferEnd {
  side: TransferSide;
  artifacts: ArtifactShelf;
  /** The data folder that the artifacts are in, where they are in one. */
  data?: string | undefined;
  /** Tells the place from all others; from it nobody learns where it is. */
  name: string;
  /** The API key that another program keeps there for both. */
  sharedKey(): Promise<string | undefined>;
  /** Keeps it there, unless one is; answers false where no server would take it from there. */
  keepSharedKey(key: string): Promise<boolean>;
  /** @throws HitagiError STORE_IN_USE, DATA_IN_USE where a server came meanwhile */
  refuseUse(): Promise<void>;
  close(): Promise<void>;
}

export type Role = "source" | "target";

export interface EndOptions {
  /** The data folder that a SQLite store's artifacts are in; by default the folder of its file. */
  data?: string | undefined;
  /** A data folder that this process has claimed already. */
  held?: string | undefined;
  /** Milliseconds for which the hold on a Redis outlives a process that died. */
  holdMs?: number | undefined;
  readIndex: ReadIndex;
}
