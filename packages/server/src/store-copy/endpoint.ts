import type { ArtifactShare } from "../store/contract/artifacts.ts";
import type { ReadIndex } from "../store/contract/catalog.ts";
import type { StorePort } from "../store/contract/record-streams.ts";
import type { ArtifactPort } from "./artifacts.ts";

/** What a server takes as its own API key where none is configured. */
export interface OwnKeys {
  /** That of the program which shares the store; it counts first. */
  shared?: string | undefined;
  /** That of Hitagi's servers. */
  first?: string | undefined;
}

/** A store that is one end of a copy, held so that no server is on it. */
export interface Endpoint {
  port: StorePort;
  artifacts: ArtifactPort;
  /** The data folder that the artifacts are in, where they are in one. */
  data?: string | undefined;
  /** Tells the place from all others; from it nobody learns where it is. */
  name: string;
  /** The API keys that a server there takes as its own. */
  ownKeys(): Promise<OwnKeys>;
  /** Keeps them, where there are none; answers whether a server there takes the same as its own then. */
  keepKeys(keys: OwnKeys): Promise<boolean>;
  /** @throws HitagiError STORE_IN_USE, DATA_IN_USE where a server came meanwhile */
  refuseUse(): Promise<void>;
  close(): Promise<void>;
}

export type Role = "source" | "target";

export interface EndpointOptions {
  /** The data folder that a SQLite store's artifacts are in; by default the folder of its file. */
  data?: string | undefined;
  /** Where servers on Redis share the bytes of versions, where that is not Redis; it is read as well. */
  share?: ArtifactShare | undefined;
  /** A data folder that this process has claimed already. */
  held?: string | undefined;
  /** Milliseconds for which the hold on a Redis outlives a process that died. */
  holdMs?: number | undefined;
  /** Told where the hold of another copy is waited for, which may have been killed. */
  onWait?: (() => void) | undefined;
  readIndex: ReadIndex;
  /** Certificates of authorities that a Redis may have beside the usual ones, as PEM text. */
  ca?: string | undefined;
}
