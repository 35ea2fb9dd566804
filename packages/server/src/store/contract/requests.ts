import type { Namespace, NetworkRecord } from "@hitagi/contract";

/** The newest requests that each plugin made, on whichever server. */
export interface RequestStore {
  /** Adds one; the oldest of a plugin go, and all of one that made none for a week. */
  add(namespace: Namespace, request: NetworkRecord): Promise<void>;
  /** Newest first. */
  of(namespace: Namespace): Promise<NetworkRecord[]>;
}
