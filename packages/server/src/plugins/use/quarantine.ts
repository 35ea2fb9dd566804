import { isHitagiError, type Namespace } from "@hitagi/contract";
import type { Logger } from "pino";
import type { PluginStore } from "../../store/types.ts";
import { OK } from "../registry/active-plugin.ts";
import type { ActivePlugin, ActivePlugins } from "../types.ts";

const CRASHES = 3;
const WINDOW_MS = 10 * 60 * 1000;

export interface QuarantineDeps {
  active: ActivePlugins;
  store: Pick<PluginStore, "quarantine">;
  log: Pick<Logger, "warn" | "error">;
  /** Epoch seconds. */
  now: () => number;
}

/** Stops the use of plugins whose process crashes again and again. */
export interface Quarantine {
  /**
   * Counts the failure of a call. Only crashes count: a timeout is often the fault of a slow site. Calls that one crash
   * ends count once, so `began` is compared with the last crash.
   * @param began when the call began, on the monotonic clock in milliseconds
   */
  failed(plugin: ActivePlugin, error: unknown, began: number): Promise<void>;
  /** Gives a plugin another try. */
  lift(namespace: Namespace): Promise<void>;
}

export const createQuarantine = ({ active, store, log, now }: QuarantineDeps): Quarantine => {
  /** Times of the crashes of each version, so that an upgrade starts from zero. */
  const crashes = new Map<string, number[]>();

  const isCurrent = ({ namespace, code }: ActivePlugin) => active.get(namespace)?.code.sha256 === code.sha256;

  const confine = async (plugin: ActivePlugin, error: Error) => {
    const { namespace } = plugin;
    const reason = `its process ended unexpectedly ${CRASHES} times within ${WINDOW_MS / 60_000} minutes; last: ${error.message}`;
    const since = Math.floor(now());
    active.patch(namespace, { health: { state: "quarantined", reason, since } });
    log.warn(
      { plugin: namespace, reason },
      `${namespace} is quarantined; roll it back, upgrade it, or install it again`,
    );
    try {
      // Another server may have recorded another version meanwhile.
      await store.quarantine(namespace, { reason, since }, plugin.code.sha256);
    } catch (err) {
      log.error({ plugin: namespace, err }, "the quarantine could not be kept; it ends with the next start");
    }
  };

  return {
    async failed(plugin, error, began) {
      if (!isHitagiError(error, "PLUGIN_CRASHED") || !isCurrent(plugin)) return;
      const key = `${plugin.namespace} ${plugin.code.sha256}`;
      const at = performance.now();
      const recent = (crashes.get(key) ?? []).filter((time) => at - time < WINDOW_MS);
      if (recent.some((time) => time >= began)) return;
      recent.push(at);
      crashes.set(key, recent);
      if (recent.length < CRASHES) return;
      crashes.delete(key);
      await confine(plugin, error);
    },
    async lift(namespace) {
      await store.quarantine(namespace, undefined);
      active.patch(namespace, { health: OK });
    },
  };
};
