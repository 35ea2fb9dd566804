import type { NodeInfo } from "@hitagi/contract";
import type { EnsureFresh } from "../freshness.ts";
import type { News, Topic } from "../store/types.ts";

/**
 * Reads what changed and makes it active on this node.
 * @returns the topics that could not be applied: their plugins are out of service until a later try
 * @throws only where the store cannot be read
 */
export type ApplyChanges = (changed: News["changed"]) => Promise<readonly Topic[]>;

/** Reads everything from the store into memory. @returns the topics that could not be applied, which are tried again */
export type Load = () => Promise<readonly Topic[]>;

/**
 * Keeps each node's memory consistent with the shared store: a change that one node made is active on every node for
 * each call that begins after the call that made it returned.
 */
export interface Cluster {
  readonly ensureFresh: EnsureFresh;
  /** Whether memory agrees with the store now; where it does not, ask the store. */
  isFresh(): boolean;
  /**
   * Resolves when every earlier change is active on every node. Never rejects: a node that cannot be asked has lost its
   * lease by then, and does not answer from memory.
   */
  waitForAllNodes(): Promise<void>;
  /** Loads everything, and joins the other nodes. */
  start(load: Load, applyChanges: ApplyChanges): Promise<void>;
  /** Tells the other nodes where this one listens. */
  setAddress(address: string): void;
  /** The nodes that were heard of lately, this one included. */
  nodes(): Promise<NodeInfo[]>;
  /** Leaves the other nodes. Nothing is answered from memory afterwards. */
  stop(): Promise<void>;
}
