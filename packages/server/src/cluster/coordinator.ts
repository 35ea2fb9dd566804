import { setTimeout as sleep } from "node:timers/promises";
import type { NodeInfo } from "@hitagi/contract";
import type { Logger } from "pino";
import type { NodeSelf, NodeState, Nodes } from "../store/types.ts";
import { createSync, type Sync } from "./sync.ts";
import type { Cluster } from "./types.ts";

export interface CoordinatorDeps {
  nodes: Nodes;
  self: NodeSelf;
  log: Pick<Logger, "info" | "warn">;
}

/** Steps in the life of a lease, beside those that a notification starts. */
const STEPS = 3;
/** Milliseconds between two queries whether the other nodes applied a change: the first pause, and the longest. */
const QUERY_MS = { first: 2, most: 50 };
/** Factor on the life of a lease, for clocks of different speed. */
const DRIFT = 1.02;

/** Resolves when every other node has applied all changes that were made before this call. */
const othersApplied = async (nodes: Nodes, sync: Sync, self: string, over: AbortSignal): Promise<void> => {
  await sync.step();
  // A node that joins later loads what the store holds by then.
  if (!sync.hasOthers()) return;
  const revision = sync.revision();
  for (let ms = QUERY_MS.first; !over.aborted; ms = Math.min(QUERY_MS.most, ms * 2)) {
    const behind = await nodes.behind(revision);
    if (behind.every((id) => id === self)) return;
    await sleep(ms);
  }
};

const infoOf = ({ taken, ...state }: NodeState, newest: number, self: string): NodeInfo => ({
  ...state,
  address: state.address ?? null,
  version: state.version ?? null,
  artifacts: state.artifacts ?? null,
  current: taken >= newest,
  self: state.id === self,
});

/**
 * Leases with acknowledgements (Gray and Cheriton, 1989). While its lease holds, a node answers from memory and asks the
 * store nothing. The lease counts from before the query that found nothing newer, or whose changes the node applied. A node
 * that makes a change waits until every other node acknowledges it, or until all leases given before have ended: a
 * node without a lease queries the store before it answers.
 */
export const createCoordinator = ({ nodes, self, log }: CoordinatorDeps): Cluster => {
  let address: string | undefined;
  const sync = createSync({ nodes, self: () => ({ ...self, address }), log });
  let unfollow: () => void = () => {};
  let timer: NodeJS.Timeout | undefined;

  return {
    isFresh: sync.isFresh,
    ensureFresh: () => (sync.isFresh() ? undefined : sync.step().then(() => {})),
    waitForAllNodes: async () => {
      const over = new AbortController();
      const leases = sleep(nodes.leaseMs * DRIFT, undefined, { signal: over.signal });
      try {
        await Promise.race([othersApplied(nodes, sync, self.id, over.signal), leases]);
      } catch (error) {
        sync.failed(error);
        await leases;
      } finally {
        over.abort();
      }
    },
    start: async (load, applyChanges) => {
      await sync.start(load, applyChanges);
      unfollow = nodes.follow(() => void sync.catchUp());
      timer = setInterval(() => void sync.catchUp(), nodes.leaseMs / STEPS);
    },
    setAddress: (given) => {
      address = given;
      void sync.catchUp();
    },
    nodes: async () => {
      const newest = await nodes.revision();
      return (await nodes.list()).map((state) => infoOf(state, newest.revision, self.id));
    },
    stop: async () => {
      clearInterval(timer);
      unfollow();
      await sync.stop();
      // A node that cannot say so is forgotten when its lease ends.
      await nodes
        .leave(self.id)
        .catch((err: unknown) =>
          log.warn({ err }, "this node could not remove itself from the list of nodes"),
        );
    },
  };
};
