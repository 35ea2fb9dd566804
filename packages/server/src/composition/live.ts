import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import type { Logger } from "pino";
import { epochSeconds } from "../clock.ts";
import type { Config } from "../config.ts";
import { createAlone } from "../live/alone.ts";
import { createForeignWatch } from "../live/foreign.ts";
import { createLive } from "../live/live.ts";
import { createTakeUp, type TakeUpDeps } from "../live/take-up.ts";
import type { Live, Load } from "../live/types.ts";
import { sharePrint } from "../store/shares/address.ts";
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
