import type { Namespace } from "@hitagi/contract";

/** The subject of a change that other nodes apply. */
export type Topic = `plugin:${Namespace}` | `registry:${string}` | "keys";

/** A change, by its place among all. */
export interface Revision {
  /** Grows with each change; 0 before the first. */
  revision: number;
  /** Differs between changes of one number, in a store that was put back to an earlier state. */
  mark: string;
}

/** The changes that a node has not applied, and the newest one. */
export interface News extends Revision {
  /** "all" if that is unknown, as in a store that was put back to an earlier state. */
  changed: readonly Topic[] | "all";
}

/** A node as the others see it. */
export interface NodeState {
  /** Of one run of one server. */
  id: string;
  /** The name of its machine. */
  host: string;
  /** The version of its Hitagi; undefined if it does not tell. */
  version?: string | undefined;
  /** A fingerprint of the share for bytes that it uses; undefined if it does not tell. */
  artifacts?: string | undefined;
  /** Where it listens; undefined before it does. */
  address?: string | undefined;
  /** By its own clock, epoch seconds. */
  started: number;
  /** Seconds by which its clock is ahead of the store's, rounded; negative if it is behind. */
  ahead: number;
  /** When it was last heard of, epoch seconds. */
  heard: number;
  /** The revision up to which it has applied all changes. */
  taken: number;
}

/** What a node says of itself. */
export type NodeSelf = Pick<NodeState, "id" | "host" | "version" | "artifacts" | "address" | "started">;

/**
 * The nodes on one store, and its change log. Every write of a plugin's record, an index or the keys logs a change in the same
 * step, so that a node that has applied all changes has what the store holds.
 */
export interface Nodes {
  /** Milliseconds that a node may work with what it has read after its last sync; the same on all nodes of a store. */
  readonly leaseMs: number;
  /** The newest change. */
  revision(): Promise<Revision>;
  /**
   * Notes that a node is alive and the changes that it has applied, and answers later ones. A node with changes that the store does
   * not know counts as behind until it has applied all.
   * @throws HitagiError STORE_UNFINISHED while a copy into the store is unfinished
   */
  sync(node: NodeSelf, taken: Revision): Promise<News>;
  /** The ids of nodes that have not applied a change. A node that died is among them until its lease has ended. */
  behind(revision: number): Promise<string[]>;
  /** The nodes that were heard of recently, in the order of their start. */
  list(): Promise<NodeState[]>;
  /** Whether a library, by its id, is that of the listed nodes. Without any, it becomes theirs. */
  isLibrary(id: string): Promise<boolean>;
  /** Removes a node that ends. */
  leave(id: string): Promise<void>;
  /** Calls back soon after a change. Calls may be missed or repeated. @returns ends the subscription */
  follow(listener: () => void): () => void;
}
