import { setTimeout as sleep } from "node:timers/promises";
import { HitagiError } from "@hitagi/contract";
import type { Logger } from "pino";
import { coalesce } from "../async/coalesce.ts";
import { createLease } from "../async/lease.ts";
import type { NodeSelf, Nodes, Revision } from "../store/types.ts";
import { createRetrySet } from "./retry-set.ts";
import type { ApplyChanges, Cluster } from "./types.ts";

export interface CoordinatorDeps {
  nodes: Nodes;
  self: NodeSelf;
  log: Pick<Logger, "info" | "warn">;
}

/** How often a node looks in the life of its lease, beside when it is told that something changed. */
const LOOKS = 3;
/** Milliseconds between two questions whether the others have taken a change up: at first, and at most. */
const ASK_MS = { first: 2, most: 50 };
/** What is waited beyond a lease, for clocks of different speed. */
const DRIFT = 1.02;

/** Says when the store stops telling what is new, and when it does again, and not at each look. */
const createOutage = ({ info, warn }: CoordinatorDeps["log"]) => {
  let out = false;
  return {
    begins: (err: unknown): void => {
      if (!out) warn({ err }, "the store does not tell what changed; calls are refused until it does again");
      out = true;
    },
    ends: (): void => {
      if (out) info("the store tells again what changed");
      out = false;
    },
  };
};

/**
 * Leases with acknowledgements (Gray and Cheriton, 1989). While its lease holds, a node answers out of memory, and so
 * nothing is asked of the store for a call. The lease counts from before the node last heard that nothing is newer, or took up
 * what was. Whoever changes something waits until each other node has said that it took the change up, or until every lease
 * is over that was given before: then that node looks before it answers, if it still lives.
 */
export const createCoordinator = ({ nodes, self, log }: CoordinatorDeps): Cluster => {
  const lease = createLease(nodes.leaseMs);
  const outage = createOutage({ info: log.info.bind(log), warn: log.warn.bind(log) });
  const again = createRetrySet();
  let takeUp: ApplyChanges = async () => [];
  let taken: Revision = { revision: 0, mark: "" };
  let leaveOff: () => void = () => {};
  let left = false;
  let address: string | undefined;

  /** Answers whether there was anything new, so that the next step tells the others that it is taken up. */
  const steps = coalesce(async (): Promise<boolean> => {
    // To ask would make it one of the nodes again.
    if (left) throw new HitagiError("STOPPING");
    const began = lease.mark();
    const { changed, ...newest } = await nodes.sync({ ...self, address }, taken);
    const isNews = changed === "all" || changed.length > 0;
    const due = again.with(changed);
    if (due.length > 0) again.keep(due, await takeUp(due));
    taken = newest;
    lease.from(began);
    outage.ends();
    return isNews;
  });

  const failed = (err: unknown): void => {
    if (!left) outage.begins(err);
  };
  const catchUp = async (): Promise<void> => {
    try {
      while ((await steps.next()) && !left);
    } catch (err) {
      failed(err);
    }
  };

  /** Resolves when every other node has taken up what was changed before; asks no more once it is over. */
  const awaitOthers = async (over: AbortSignal): Promise<void> => {
    await steps.next();
    const { revision } = taken;
    for (let ms = ASK_MS.first; !over.aborted; ms = Math.min(ASK_MS.most, ms * 2)) {
      const behind = await nodes.behind(revision);
      if (behind.every((id) => id === self.id)) return;
      await sleep(ms);
    }
  };

  return {
    ensureFresh: () => (lease.holds() && !left ? undefined : steps.next().then(() => {})),
    waitForAllNodes: async () => {
      const over = new AbortController();
      // All leases from before the change end with this, whatever can be asked until then.
      const leases = sleep(nodes.leaseMs * DRIFT, undefined, { signal: over.signal });
      try {
        await Promise.race([awaitOthers(over.signal), leases]);
      } catch (err) {
        failed(err);
        await leases;
      } finally {
        over.abort();
      }
    },
    start: async (load, given) => {
      takeUp = given;
      taken = await nodes.revision();
      again.keep([], await load());
      while (await steps.next());
      const unfollow = nodes.follow(() => void catchUp());
      const timer = setInterval(() => void catchUp(), nodes.leaseMs / LOOKS);
      leaveOff = () => {
        clearInterval(timer);
        unfollow();
      };
    },
    setAddress: (at) => {
      address = at;
      void catchUp();
    },
    nodes: async () => {
      const [{ revision: newest }, states] = [await nodes.revision(), await nodes.list()];
      return states.map(({ taken: upTo, ...state }) => ({
        ...state,
        address: state.address ?? null,
        version: state.version ?? null,
        artifacts: state.artifacts ?? null,
        current: upTo >= newest,
        self: state.id === self.id,
      }));
    },
    stop: async () => {
      left = true;
      leaveOff();
      await steps.ended();
      // A node that cannot say so is forgotten by itself.
      await nodes.leave(self.id).catch((err: unknown) => log.warn({ err }, "the other nodes were not told"));
    },
  };
};
