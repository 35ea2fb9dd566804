/** What changed, as the nodes on one store tell each other; namespaces in small letters. */
export type Topic = `plugin:${string}` | `registry:${string}` | "keys";

/** What a node has not taken up yet. */
export interface News {
  /** The newest change; each has a larger number than all before. */
  revision: number;
  /** What changed; "all" where that cannot be told, as in a store that was put back to an earlier state. */
  changed: readonly Topic[] | "all";
}

/** A node as the others see it. */
export interface NodeState {
  /** Of one run of one server. */
  id: string;
  /** The name of its machine. */
  host: string;
  /** Epoch seconds. */
  started: number;
  /** When it was last heard of, epoch seconds. */
  heard: number;
  /** The change up to which it has taken up all. */
  taken: number;
}

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
  revision(): Promise<number>;
  /**
   * Notes that a node is there and how far it has taken up changes, and answers what came after.
   * @throws HitagiError STORE_UNFINISHED where something is being copied into the store
   */
  sync(node: Pick<NodeState, "id" | "host" | "started">, taken: number): Promise<News>;
  /** The ids of nodes heard of lately that have not taken up a change. */
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
