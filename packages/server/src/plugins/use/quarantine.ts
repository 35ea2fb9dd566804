import {
  HitagiError,
  isHitagiError,
  type Namespace,
  type QuarantineCause,
  quarantineRemedy,
} from "@hitagi/contract";
import type { Logger } from "pino";
import { ProcessCrash } from "../../runtimes/types.ts";
import type { PluginStore } from "../../store/types.ts";
import { OK } from "../registry/active-plugin.ts";
import type { ActivePlugin, ActivePlugins } from "../types.ts";

const CRASHES = 3;
const WINDOW_MS = 10 * 60 * 1000;
/** Crashes of one version that are remembered. */
const MAX_REMEMBERED = 50;

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
   * Refuses a caller whose calls alone crashed this version three times within ten minutes.
   * @throws HitagiError PLUGIN_CALLS_CRASHED
   */
  assertAllowed(plugin: ActivePlugin, caller: string): void;
  /**
   * Whether a call of this caller was in a process of this version that crashed with calls of others. Its calls then run in a
   * process without others, so that the next crash shows whose it is, and fails no other call.
   */
  isSuspect(plugin: ActivePlugin, caller: string): boolean;
  /**
   * Counts the failure of a call. Only crashes count: a timeout is often the fault of a slow site. The plugin is
   * quarantined after three crashes that no one caller and no one input (archive, argument, address) was part of.
   */
  failed(plugin: ActivePlugin, error: unknown): Promise<void>;
  /** Quarantines a plugin for another reason. */
  setAside(plugin: ActivePlugin, reason: string): Promise<void>;
  /** Gives a plugin another try. */
  lift(namespace: Namespace): Promise<void>;
}

/** One crash with the callers and inputs of all calls that it ended. */
interface Crash {
  at: number;
  reason: string;
  callers: Set<string>;
  inputs: Set<string>;
}

const hasCommon = (sets: Set<string>[]): boolean => {
  const [first = new Set(), ...others] = sets;
  return [...first].some((one) => others.every((set) => set.has(one)));
};

/** Whether this version of a plugin is the active one. */
const isCurrent = ({ active }: Pick<QuarantineDeps, "active">, { namespace, code }: ActivePlugin): boolean =>
  active.get(namespace)?.code.sha256 === code.sha256;

/** Quarantines a version, unless another one is active by now. */
export const quarantinePlugin = async (
  deps: QuarantineDeps,
  plugin: ActivePlugin,
  reason: string,
  cause?: QuarantineCause,
): Promise<void> => {
  if (!isCurrent(deps, plugin)) return;
  const { active, store, log, now } = deps;
  const { namespace, code } = plugin;
  const state = { reason, since: Math.floor(now()), ...(cause && { cause }) };
  active.patch(namespace, { health: { state: "quarantined", ...state } });
  log.warn(
    { plugin: namespace, reason },
    `${namespace} is quarantined. ${quarantineRemedy(cause, namespace)}`,
  );
  try {
    // Another server may have recorded another version meanwhile.
    await store.quarantine(namespace, state, code.sha256);
  } catch (err) {
    log.error({ plugin: namespace, err }, "the quarantine could not be kept; it ends with the next start");
  }
};

/** Ends a quarantine. */
export const liftQuarantine = async (
  { active, store }: Pick<QuarantineDeps, "active" | "store">,
  namespace: Namespace,
): Promise<void> => {
  await store.quarantine(namespace, undefined);
  active.patch(namespace, { health: OK });
};

export const createQuarantine = (deps: QuarantineDeps): Quarantine => {
  const { active } = deps;
  /** The crashes of each version, so that an upgrade starts from zero. */
  const crashes = new Map<string, Crash[]>();
  /** Each crash fails several calls and counts once. */
  const counted = new WeakSet<ProcessCrash>();

  const keyOf = ({ namespace, code }: ActivePlugin) => `${namespace} ${code.sha256}`;
  const recentOf = (plugin: ActivePlugin): Crash[] => {
    const from = performance.now() - WINDOW_MS;
    return (crashes.get(keyOf(plugin)) ?? []).filter(({ at }) => at > from);
  };

  const setAside: Quarantine["setAside"] = (plugin, reason) => quarantinePlugin(deps, plugin, reason);

  return {
    assertAllowed(plugin, caller) {
      if (!crashes.has(keyOf(plugin))) return;
      const own = recentOf(plugin).filter(({ callers }) => callers.size === 1 && callers.has(caller));
      const last = own.at(-1);
      if (own.length < CRASHES || last === undefined) return;
      const { namespace } = plugin;
      const params = {
        caller,
        namespace,
        count: own.length,
        minutes: WINDOW_MS / 60_000,
        reason: last.reason,
      };
      throw new HitagiError("PLUGIN_CALLS_CRASHED", params);
    },
    isSuspect: (plugin, caller) =>
      crashes.has(keyOf(plugin)) &&
      recentOf(plugin).some(({ callers }) => callers.size > 1 && callers.has(caller)),
    async failed(plugin, error) {
      if (!isHitagiError(error, "PLUGIN_CRASHED") || !isCurrent(deps, plugin)) return;
      const { cause } = error;
      if (!(cause instanceof ProcessCrash) || counted.has(cause)) return;
      counted.add(cause);
      const callers = new Set(cause.origins.map(({ caller }) => caller));
      const inputs = new Set(cause.origins.map(({ input }) => input));
      const recent = [
        ...recentOf(plugin),
        { at: performance.now(), reason: cause.message, callers, inputs },
      ].slice(-MAX_REMEMBERED);
      crashes.set(keyOf(plugin), recent);
      if (recent.length < CRASHES) return;
      if ([recent.map((crash) => crash.callers), recent.map((crash) => crash.inputs)].some(hasCommon)) return;
      crashes.delete(keyOf(plugin));
      const minutes = WINDOW_MS / 60_000;
      const reason = `its process ended unexpectedly ${recent.length} times within ${minutes} minutes, for several callers; last: ${error.message}`;
      await setAside(plugin, reason);
    },
    setAside,
    async lift(namespace) {
      const plugin = active.get(namespace);
      if (plugin) crashes.delete(keyOf(plugin));
      await liftQuarantine(deps, namespace);
    },
  };
};
