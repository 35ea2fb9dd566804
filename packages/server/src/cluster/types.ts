import type { NodeInfo } from "@hitagi/contract";
import type { EnsureFresh } from "../freshness.ts";
import type { News, Topic } from "../store/types.ts";

/**
 * Reads anew what has changed, and puts it in force here. Answers what could not be put in force: it is out of service,
 * and is to be tried again. Rejects only where the store cannot be read.
 */
export type ApplyChanges = (changed: News["changed"]) => Promise<readonly Topic[]>;

/** Reads all that is in force out of the store. Answers what could not be put in force, which is tried again. */
export type Load = () => Promise<readonly Topic[]>;

/**
 * Keeps what is in memory in force: what was installed, upgraded, rolled back, removed or set on one node is in force on
 * all for every call that begins after the call that changed it returned.
 */
export interface Cluster {
  readonly ensureFresh: EnsureFresh;
  /**
   * Resolves when all that was changed before is in force on every node. Never rejects: a node that cannot be asked
   * answers nothing out of memory any more by then.
   */
  waitForAllNodes(): Promise<void>;
  /** Loads what is in force, and joins the others. */
  start(load: Load, takeUp: ApplyChanges): Promise<void>;
  /** Tells the others where this one listens. */
  setAddress(address: string): void;
  /** The nodes that were heard of lately, this one among them. */
  nodes(): Promise<NodeInfo[]>;
  /** Leaves the others. Nothing is answered out of memory afterwards. */
  stop(): Promise<void>;
}
