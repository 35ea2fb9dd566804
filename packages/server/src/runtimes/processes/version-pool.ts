import { HitagiError, isHitagiError } from "@hitagi/contract";
import { createDeferred, type Deferred } from "../../async/deferred.ts";
import type { CallRequest, PluginCode, PluginModule } from "../types.ts";
import type { PluginProcess } from "./plugin-process.ts";
import type { ProcessPool } from "./process-pool.ts";
import type { StandbyProcesses } from "./standby.ts";

const LOAD_LIMIT_MS = 20_000;

/** Processes of one version that run calls to their end while a further one takes the new calls. */
const MAX_HELD_UP = 3;

type VersionId = Pick<PluginCode, "namespace" | "sha256">;

/** A plugin version and its process, for all its calls or for those of one isolation and the same files. */
export interface PluginVersion {
  readonly version: string;
  readonly key: string;
  /** Settles when the plugin is loaded. @throws HitagiError LOAD_FAILED, RUNTIME_UNAVAILABLE, STOPPING */
  readonly opened: Deferred<PluginProcess>;
  process: PluginProcess | undefined;
  /** The plugin's manifest, unchecked, once it is loaded. */
  manifest: unknown;
  loaded: boolean;
  /** Number of callers that use it or wait for it to load. */
  users: number;
  /** No longer in the pool: its process ends with the last use. */
  retired: boolean;
  /** Time of its last use, by `performance.now()`. */
  used: number;
}

/** Waits for a process, for as long as the caller wants to. */
export type Wait = (opened: Promise<PluginProcess>) => Promise<PluginProcess>;

const versionOf = ({ namespace, sha256 }: VersionId): string => `${namespace}@${sha256}`;

/** What calls that share a process have in common, beside the version. */
export type SharedBy = Pick<CallRequest, "isolation" | "files">;

/** What a process is started with: packages that its version uses, and files that it sees. */
interface ProcessStart extends Pick<CallRequest, "files"> {
  modules: readonly PluginModule[];
}

/** A version that uses other packages or files than before needs another process: a file's id tells it from one that replaces it. */
const keyOf = (code: VersionId, { modules, files }: ProcessStart, isolation: string | undefined): string => {
  const version = versionOf(code);
  if (modules.length === 0 && files === undefined && isolation === undefined) return version;
  return JSON.stringify([version, modules.map((module) => module.code.sha256), isolation, files]);
};

const isIdle = (v: PluginVersion): boolean => v.loaded && v.users === 0 && v.process?.inFlight() === 0;

/** Counts by key. */
const createCounter = () => {
  const counts = new Map<string, number>();
  const of = (key: string): number => counts.get(key) ?? 0;
  return {
    of,
    add: (key: string, n: number): void => {
      const count = of(key) + n;
      if (count > 0) counts.set(key, count);
      else counts.delete(key);
    },
  };
};

/** If the process ended while the plugin loaded, the plugin is at fault. */
const loadError = (e: unknown): Error => {
  if (isHitagiError(e, "PLUGIN_CRASHED")) {
    return new HitagiError("LOAD_FAILED", { reason: `its process ended: ${e.params.reason}` }, { cause: e });
  }
  return e instanceof Error ? e : new Error(String(e));
};

const startProcess = async (take: () => Promise<PluginProcess>, file: string): Promise<PluginProcess> => {
  try {
    return await take();
  } catch (cause) {
    if (isHitagiError(cause)) throw cause;
    const reason = cause instanceof Error ? cause.message : "the sandbox cannot be started";
    throw new HitagiError("RUNTIME_UNAVAILABLE", { file, reason }, { cause });
  }
};

export interface VersionPoolOptions {
  processes: ProcessPool;
  standby: StandbyProcesses;
  /** A plugin's file as the text that its process is sent. @throws HitagiError LOAD_FAILED */
  sourceText(code: PluginCode): string | Promise<string>;
  /** The packages of other plugins that it uses. */
  modulesOf(code: PluginCode): readonly PluginModule[];
  /** Milliseconds after which an unused process ends. */
  idleMs: number;
}

/** One process for each plugin version, isolation and set of files in use, and up to three more whose calls hold up others. */
export const createVersionPool = ({
  processes,
  standby,
  sourceText,
  modulesOf,
  idleMs,
}: VersionPoolOptions) => {
  const versions = new Map<string, PluginVersion>();
  const heldUp = createCounter();

  const forget = (version: PluginVersion): void => {
    if (versions.get(version.key) === version) versions.delete(version.key);
  };

  const retire = (version: PluginVersion): void => {
    forget(version);
    version.retired = true;
    if (version.users === 0) version.process?.drain();
  };

  /** A call of it holds up others, which may go to a further process. @returns false at the limit */
  const replace = (version: PluginVersion, gone: Promise<void>): boolean => {
    if (versions.get(version.key) !== version) return true;
    if (heldUp.of(version.key) >= MAX_HELD_UP) return false;
    heldUp.add(version.key, 1);
    void gone.then(() => heldUp.add(version.key, -1));
    retire(version);
    return true;
  };

  /** Called by the last user: ends a version that was retired, or that is not loaded. */
  const release = (version: PluginVersion): void => {
    if (version.loaded && !version.retired) return;
    retire(version);
    if (!version.loaded) version.process?.kill("no caller waits for it to load");
  };

  const evictOldest = (): void => {
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

  const moduleSources = (modules: readonly PluginModule[]) =>
    Promise.all(
      modules.map(async ({ file, code }) => ({
        file,
        filename: code.filename,
        source: await sourceText(code),
      })),
    );

  const load = async (
    version: PluginVersion,
    code: PluginCode,
    { modules, files }: ProcessStart,
  ): Promise<PluginProcess> => {
    // The file is compiled while the process starts.
    const source = Promise.resolve(sourceText(code));
    source.catch(() => {});
    const started = await startProcess(() => standby.take(evictOldest, files), code.filename);
    version.process = started;
    started.mayMove = () => replace(version, started.gone);
    void started.gone.then(() => forget(version));
    if (version.retired && version.users === 0) started.kill("it is no longer needed");
    const limit = setTimeout(() => started.crash("it took too long to load"), LOAD_LIMIT_MS);
    try {
      version.manifest = await started.load(code, await source, await moduleSources(modules));
      version.loaded = true;
      return started;
    } catch (e) {
      started.kill("its plugin did not load");
      throw loadError(e);
    } finally {
      clearTimeout(limit);
    }
  };

  const add = (code: PluginCode, start: ProcessStart, key: string): PluginVersion => {
    const version: PluginVersion = {
      version: versionOf(code),
      key,
      opened: createDeferred(),
      process: undefined,
      manifest: undefined,
      loaded: false,
      users: 0,
      retired: false,
      used: performance.now(),
    };
    versions.set(version.key, version);
    load(version, code, start).then(version.opened.resolve, (e: Error) => {
      forget(version);
      version.opened.reject(e);
    });
    return version;
  };

  return {
    /** The version's entry; starts a process if there is none that takes calls. */
    open: (code: PluginCode, { isolation, files }: SharedBy = {}): PluginVersion => {
      const start = { modules: modulesOf(code), files };
      const key = keyOf(code, start, isolation);
      const found = versions.get(key);
      return found && (!found.loaded || found.process?.usable()) ? found : add(code, start, key);
    },
    /** Uses the process once the plugin is loaded. If the version is retired meanwhile, its process ends after that. */
    use: async <T>(
      version: PluginVersion,
      wait: Wait,
      work: (p: PluginProcess) => Promise<T>,
    ): Promise<T> => {
      version.users++;
      try {
        const running = version.loaded ? version.process : undefined;
        return await work(running ?? (await wait(version.opened.promise)));
      } finally {
        version.users--;
        version.used = performance.now();
        if (version.users === 0) release(version);
        processes.notify();
      }
    },
    /** Ends a version's processes, each with its last call in flight; a later call starts a new one. */
    retire: (id: VersionId): void => {
      const version = versionOf(id);
      for (const found of versions.values()) if (found.version === version) retire(found);
    },
    discard: (version: PluginVersion, reason: string): void => {
      retire(version);
      version.process?.kill(reason);
    },
    stop: (): void => clearInterval(reaper),
  };
};
export type VersionPool = ReturnType<typeof createVersionPool>;
