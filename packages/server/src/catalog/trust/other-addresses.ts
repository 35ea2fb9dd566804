import type { Logger } from "pino";
import type { IndexMeta, Store } from "../../store/types.ts";

/** Whether a cached index is not the accepted head's: another address of the same key showed a later head. */
export const isOfEarlierHead = async (
  { trust }: Pick<Store, "trust">,
  id: string,
  { sha256 }: Pick<IndexMeta, "sha256">,
): Promise<boolean> => {
  const pin = sha256 === undefined ? undefined : await trust.pin(id);
  const state = pin && (await trust.get(pin.fingerprint));
  return state !== undefined && !state.head.includes(`\nindex sha256:${sha256}\n`);
};

interface OtherAddressesDeps {
  store: Pick<Store, "trust" | "registries" | "catalog">;
  refresh: (id: string, signal: AbortSignal) => Promise<unknown>;
  log: Pick<Logger, "info">;
}

/** Refreshes the registries that share an accepted head, once one of them accepted a later one. */
export interface OtherAddresses {
  /** Called after each refresh that accepted a head. Returns at once. */
  onSignedRefresh(id: string): void;
  /** Resolves when no refresh is under way. */
  stop(): Promise<void>;
}

export const createOtherAddresses = ({ store, refresh, log }: OtherAddressesDeps): OtherAddresses => {
  const stopping = new AbortController();
  const running = new Set<Promise<void>>();

  const refreshOthers = async (id: string): Promise<void> => {
    const pin = await store.trust.pin(id);
    for (const other of await store.trust.pins()) {
      if (other.registry === id || other.fingerprint !== pin?.fingerprint) continue;
      const meta = await store.catalog.meta(other.registry);
      if (!meta || !(await isOfEarlierHead(store, other.registry, meta))) continue;
      await refresh(other.registry, stopping.signal).catch((err: unknown) => {
        // Its record has the failure, too.
        log.info({ registry: other.registry, err }, "another address of a registry could not be refreshed");
      });
    }
  };

  return {
    onSignedRefresh: (id) => {
      if (stopping.signal.aborted) return;
      const run = refreshOthers(id)
        .catch((err: unknown) => {
          if (!stopping.signal.aborted)
            log.info({ registry: id, err }, "other addresses of a registry could not be looked up");
        })
        .finally(() => running.delete(run));
      running.add(run);
    },
    stop: async () => {
      stopping.abort();
      await Promise.all(running);
    },
  };
};
