import type { Namespace } from "@hitagi/contract";
/** What changed, as the nodes on one store tell each other. */
export type Topic = `plugin:${Namespace}` | `registry:${string}` | "keys";

/** A change, by its place among all. */
export interface Revision {
  /** Larger than that of each change before; 0 before the first. */
  revision: number;
  /** Tells it from another change of the same number, in a store that was put back to an earlier state and went on from there. */
  mark: string;
}

/** What a node has not taken up yet, and the newest change. */
export interface News extends Revision {
  /** What changed; "all" where that cannot be told, as in a store that was put back to an earlier state. */
  changed: readonly Topic[] | "all";
}

/** A node as the others see it. */
export interface NodeState {
  /** Of one run of one server. */
  id: string;
  /** The name of its machine. */
  host: string;
  /** Its Hitagi's; undefined for one that does not say. */
  version?: string | undefined;
  /** What tells where it shares the bytes of versions from other such places; undefined for one that does not say. */
  artifacts?: string | undefined;
  /** Where it listens; undefined before it does. */
  address?: string | undefined;
  /** By its own clock, epoch seconds. */
  started: number;
  /** Seconds by which its clock is ahead of that of the store, behind where negative; to a second. */
  ahead: number;
  /** When it was last heard of, epoch seconds. */
  heard: number;
  /** The change up to which it has taken up all. */
  taken: number;
}

/** What a node says of itself. */
export type NodeSelf = Pick<NodeState, "id" | "host" | "version" | "artifacts" | "address" | "started">;

/**
 * The nodes on one store, and what changes in it. Whatever changes a plugin's record, an index or the keys counts as
 * a change in the same step, so that a node that has taken up all changes sees what the store holds.
 */
export interface Nodes {
  /**
   * Milliseconds that a node may work with what it has taken up since it last heard that nothing is newer. All nodes of
   * a store have the same.
   */
  readonly leaseMs: number;
  /** The newest change. */
  revision(): Promise<Revision>;
  /**
   * Notes that a node is there and how far it has taken up changes, and answers what came after. A node that has taken up what the
   * store does not know of counts as behind every change until it has taken up all.
   * @throws HitagiError STORE_UNFINISHED where something is being copied into the store
   */
  sync(node: NodeSelf, taken: Revision): Promise<News>;
  /** The ids of nodes that have not taken up a change. One that ended without leaving is among them until its lease is surely over. */
  behind(revision: number): Promise<string[]>;
  /** Those heard of lately, the first started first. */
  list(): Promise<NodeState[]>;
  /** Whether a library, by its id, is that of the nodes heard of lately; where there are none it is theirs from now on. */
  isLibrary(id: string): Promise<boolean>;
  /** Forgets a node that ends. */
  leave(id: string): Promise<void>;
  /** Calls back soon after a change. A hint: some may be missed, and one may be told twice. @returns ends that */
  follow(listener: () => void): () => void;
}
