import type { ReadIndex } from "../store/contract/catalog.ts";
import type { StorePort } from "../store/contract/record-streams.ts";
import type { ArtifactShare } from "../store/contract/shared.ts";
import type { ArtifactPort } from "./artifacts.ts";

/** The API keys that a server uses if none is configured. */
export interface OwnKeys {
  /** LANraragi's key; it has precedence. */
  shared?: string | undefined;
  /** The first key of Hitagi's servers. */
  first?: string | undefined;
}

/** An endpoint of a copy: a store that is locked, so that no server uses it. */
export interface Endpoint {
  port: StorePort;
  artifacts: ArtifactPort;
  /** The data folder of the artifacts, if they are in one. */
  data?: string | undefined;
  /** Identifies the endpoint, without revealing its address. */
  name: string;
  /** The API keys that a server there uses. */
  ownKeys(): Promise<OwnKeys>;
  /** Stores keys if there are none; answers whether a server there then uses the same key. */
  keepKeys(keys: OwnKeys): Promise<boolean>;
  /** @throws HitagiError STORE_IN_USE, DATA_IN_USE if a server uses it meanwhile */
  refuseUse(): Promise<void>;
  close(): Promise<void>;
}

export type Role = "source" | "target";

export interface EndpointOptions {
  /** The data folder that a SQLite store's artifacts are in; by default the folder of its file. */
  data?: string | undefined;
  /** The share of servers on a Redis that keep bytes elsewhere; it is read as well. */
  share?: ArtifactShare | undefined;
  /** A data folder that this process has already locked. */
  held?: string | undefined;
  /** Milliseconds until the lock of a process that died ends on a Redis. */
  holdMs?: number | undefined;
  /** Called when the copy waits for the lock of another one, which may have been killed. */
  onWait?: (() => void) | undefined;
  readIndex: ReadIndex;
  /** Certificates of further trusted authorities, as PEM text. */
  ca?: string | undefined;
}
