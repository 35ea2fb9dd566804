import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import type { Logger } from "pino";
import { sharePrint } from "../artifacts/shares/address.ts";
import { epochSeconds } from "../clock.ts";
import { createTakeUp, type TakeUpDeps } from "../cluster/apply-changes.ts";
import { createLive } from "../cluster/coordinator.ts";
import { createForeignWatch } from "../cluster/poll-plugin-records.ts";
import { createAlone } from "../cluster/single-node.ts";
import type { Live, Load } from "../cluster/types.ts";
import type { Config } from "../config/config.ts";
import type { Store } from "../store/types.ts";
import { version } from "../version.ts";

/** What keeps this node equal to the others on its store, where there can be any. */
export const composeLive = (
  { nodes }: Store,
  { artifacts }: Pick<Config, "artifacts">,
  log: Logger,
): Live => {
  if (!nodes) return createAlone();
  const about = { host: hostname(), version, artifacts: sharePrint(artifacts), started: epochSeconds() };
  return createLive({ nodes, self: { id: randomUUID(), ...about }, log });
};

/** How this node joins the others once its parts are made, and leaves them. */
export const composeMembership = (live: Live, deps: TakeUpDeps & { store: Store; log: Logger }) => {
  const { store, log } = deps;
  const takeUp = createTakeUp({ ...deps, taken: (...given) => foreign.took(...given) });
  const foreign = createForeignWatch({
    store: store.plugins,
    takeUp,
    onError: (err) => log.warn({ err }, "the plugins' records could not be looked at"),
  });
  return {
    join: async (load: Load): Promise<void> => {
      if (store.nodes) await foreign.note();
      await live.start(load, takeUp);
      if (store.nodes) foreign.start();
    },
    leave: async (): Promise<void> => {
      await foreign.stop();
      await live.stop();
    },
  };
};
