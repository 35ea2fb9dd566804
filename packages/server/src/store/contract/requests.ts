import type { Namespace, NetworkRecord } from "@hitagi/contract";

/** The newest network requests of each plugin, on all servers. */
export interface RequestStore {
  /** Adds one. The oldest of a plugin are removed, and all of a plugin that made none for a week. */
  add(namespace: Namespace, request: NetworkRecord): Promise<void>;
  /** Newest first. */
  of(namespace: Namespace): Promise<NetworkRecord[]>;
}
