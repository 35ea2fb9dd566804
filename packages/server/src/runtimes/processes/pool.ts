import { HitagiError, isHitagiError } from "@hitagi/contract";
import { createDeferred, type Deferred } from "../../async/deferred.ts";
import type { PluginCode } from "../types.ts";
import type { Fleet } from "./fleet.ts";
import type { PluginProcess } from "./plugin-process.ts";
import type { WarmProcesses } from "./warm.ts";

/** Milliseconds that a plugin may take to load, whoever waits for it. */
const LOAD_LIMIT_MS = 20_000;

/** A plugin version with its process. */
export interface Version {
  readonly key: string;
  /** Settles when the plugin is loaded. @throws HitagiError LOAD_FAILED, RUNTIME_UNAVAILABLE, STOPPING */
  readonly opened: Deferred<PluginProcess>;
  process: PluginProcess | undefined;
  /** What the plugin says of itself, once it is loaded. */
  manifest: unknown;
  loaded: boolean;
  /** How many use it or wait for it to be loaded. */
  waiting: number;
  /** No longer in the pool: its process ends with the last use. */
  retired: boolean;
  /** When it was last used, by `performance.now()`. */
  used: number;
}

/** Waits for a process, as long as its caller likes. */
export type Wait = (opened: Promise<PluginProcess>) => Promise<PluginProcess>;

/** One process for each plugin version in use. */
export interface Pool {
  /** The version's entry; starts its process where there is none that takes calls. */
  open(code: PluginCode): Version;
  /**
   * Uses the process once the plugin is loaded. A version that is retired meanwhile does not end before.
   * @param wait how long to wait for that
   */
  use<T>(version: Version, wait: Wait, work: (p: PluginProcess) => Promise<T>): Promise<T>;
  /** Ends a version's process with its last call in flight; a later call starts it anew. */
  retire(code: Pick<PluginCode, "namespace" | "sha256">): void;
  /** Ends a version's process at once. */
  discard(version: Version, reason: string): void;
  stop(): void;
}

const keyOf = ({ namespace, sha256 }: Pick<PluginCode, "namespace" | "sha256">): string =>
  `${namespace}@${sha256}`;

const isIdle = (v: Version): boolean => v.loaded && v.waiting === 0 && v.process?.inFlight() === 0;

/** A process that ends while a plugin loads in it says something of the plugin. */
const loadFault = (e: unknown): Error => {
  if (isHitagiError(e, "PLUGIN_CRASHED")) {
    return new HitagiError("LOAD_FAILED", { reason: `its process ended: ${e.params.reason}` }, { cause: e });
  }
  return e instanceof Error ? e : new Error(String(e));
};

/** @param idleMs after which a process that nobody called ends */
export const createPool = (fleet: Fleet, warm: WarmProcesses, idleMs: number): Pool => {
  const versions = new Map<string, Version>();

  const forget = (version: Version): void => {
    if (versions.get(version.key) === version) versions.delete(version.key);
  };

  const retire = (version: Version): void => {
    forget(version);
    version.retired = true;
    if (version.waiting === 0) version.process?.drain();
  };

  /** The last user has gone: nothing is kept of a version that was replaced, or that nobody waited for to load. */
  const leave = (version: Version): void => {
    if (version.loaded && !version.retired) return;
    retire(version);
    if (!version.loaded) version.process?.kill("nobody waits for it to load");
  };

  /** Ends the process that nobody called for the longest time. */
  const freeOne = (): void => {
    const [oldest] = [...versions.values()].filter(isIdle).sort((a, b) => a.used - b.used);
    if (oldest) retire(oldest);
  };

  const reap = (): void => {
    const now = performance.now();
    for (const version of versions.values()) {
      if (!isIdle(version)) version.used = now;
      else if (now - version.used > idleMs) retire(version);
    }
  };
  const reaper = setInterval(reap, Math.max(10, idleMs / 4));
  reaper.unref();

  const start = async (code: PluginCode): Promise<PluginProcess> => {
    try {
      return await warm.take(freeOne);
    } catch (cause) {
      if (isHitagiError(cause)) throw cause;
      const reason = cause instanceof Error ? cause.message : "the sandbox cannot be started";
      throw new HitagiError("RUNTIME_UNAVAILABLE", { file: code.filename, reason }, { cause });
    }
  };

  const load = async (version: Version, code: PluginCode): Promise<PluginProcess> => {
    const started = await start(code);
    version.process = started;
    void started.gone.then(() => forget(version));
    if (version.retired && version.waiting === 0) started.kill("nobody needs it any more");
    const limit = setTimeout(() => started.crash("it took too long to load"), LOAD_LIMIT_MS);
    try {
      version.manifest = await started.load(code);
      version.loaded = true;
      return started;
    } catch (e) {
      started.kill("its plugin did not load");
      throw loadFault(e);
    } finally {
      clearTimeout(limit);
    }
  };

  const add = (code: PluginCode): Version => {
    const version: Version = {
      key: keyOf(code),
      opened: createDeferred(),
      process: undefined,
      manifest: undefined,
      loaded: false,
      waiting: 0,
      retired: false,
      used: performance.now(),
    };
    versions.set(version.key, version);
    load(version, code).then(version.opened.resolve, (e: Error) => {
      forget(version);
      version.opened.reject(e);
    });
    return version;
  };

  return {
    open: (code) => {
      const found = versions.get(keyOf(code));
      return found && (!found.loaded || found.process?.usable()) ? found : add(code);
    },
    use: async (version, wait, work) => {
      version.waiting++;
      try {
        const running = version.loaded ? version.process : undefined;
        return await work(running ?? (await wait(version.opened.promise)));
      } finally {
        version.waiting--;
        version.used = performance.now();
        if (version.waiting === 0) leave(version);
        fleet.changed();
      }
    },
    retire: (code) => {
      const version = versions.get(keyOf(code));
      if (version) retire(version);
    },
    discard: (version, reason) => {
      retire(version);
      version.process?.kill(reason);
    },
    stop: () => clearInterval(reaper),
  };
};
