import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { HitagiError, toNamespace } from "@hitagi/contract";
import { pino } from "pino";
import { sha256Of } from "../disk/sha256.ts";
import { loadManifest } from "../plugins/registry/load-plugin.ts";
import { completeSettings } from "../plugins/settings.ts";
import { downloadUrlOf, findingsOf, scriptData, sessionOf } from "../plugins/use/results.ts";
import { archiveView } from "../runtimes/archive-view.ts";
import { createBroker } from "../runtimes/broker/broker.ts";
import { hasOpenNetwork, scopesOf } from "../runtimes/broker/grants.ts";
import { createDenoRuntime } from "../runtimes/deno/deno.ts";
import { createPerlRuntime } from "../runtimes/perl/perl.ts";
import { runtimeFor } from "../runtimes/runtimes.ts";
import { createReadableStacks } from "../runtimes/stack/readable-stack.ts";
import { type CallScope, entryPoints, type LoggedLine, type Runtime } from "../runtimes/types.ts";
import type { ArchiveRecord, PluginCacheStore } from "../store/types.ts";
import { createKitLibrary } from "./library.ts";
import { watchRights } from "./missing-rights.ts";
import { createRecordedNetwork, type NetworkOfRun } from "./network/recorded-network.ts";
import { secretNames } from "./network/secrets.ts";
import { runFailure } from "./run-failure.ts";
import type { LoadedPlugin, MissingRight, PluginCall, RunFailure, RunReport } from "./types.ts";

/** A server's limit of a call. */
const CALL_TIMEOUT_MS = 60_000;
const PERL_FOLDER_MB = 256;

/** Plugins in the sandbox of a server, without a server. Runs are made one after another. */
export interface Sandbox {
  /**
   * Loads a plugin as an install does. Its process is kept for runs, until `retire`.
   * @throws HitagiError LOAD_FAILED, LOAD_CHECK_FAILED, MANIFEST_INVALID, RUNTIME_UNAVAILABLE
   */
  load(filename: string, source: Buffer): Promise<LoadedPlugin>;
  /** Runs a plugin with all rights that it asks for. Its failure is a part of the report. */
  run(plugin: LoadedPlugin, call: PluginCall & Pick<NetworkOfRun, "instead">): Promise<RunReport>;
  /** What an author is told of an error of `load`. @throws the error, where it is a fault of this program */
  failureOf(error: unknown, filename: string, source: Buffer): Promise<RunFailure>;
  /** Whether a process waits for the next version of a plugin. */
  isReady(): boolean;
  /** Ends the processes of a plugin. */
  retire(plugin: LoadedPlugin): void;
  close(): Promise<void>;
}

/** The cache of one run. */
const createCache = (): PluginCacheStore & { forget(): void } => {
  const values = new Map<string, string>();
  return {
    get: async (namespace, key) => values.get(`${namespace}\n${key}`),
    set: async (namespace, key, value) => void values.set(`${namespace}\n${key}`, value),
    clear: async () => values.clear(),
    forget: () => values.clear(),
  };
};

const codeOf = (filename: string, source: Buffer) => ({
  namespace: toNamespace(path.parse(filename).name),
  sha256: sha256Of(source),
  filename,
  source,
});

/** What a plugin returned, checked as a server checks it. @throws HitagiError PLUGIN_FAILED */
const resultOf = ({ manifest }: LoadedPlugin, runtime: Runtime, value: unknown): unknown => {
  const plugin = {
    namespace: manifest.namespace,
    runtime: runtime.name,
    granted: scopesOf(manifest.permissions ?? {}),
  };
  switch (manifest.type) {
    case "metadata":
      return findingsOf(plugin, value);
    case "download":
      return { downloadUrl: downloadUrlOf(plugin, value) };
    case "login": {
      const { cookies, headers } = sessionOf(plugin, value);
      return { cookies, headers };
    }
    default:
      return scriptData(value);
  }
};

/** @param standby processes that wait for the next version of a plugin */
export const openSandbox = async ({ standby = 1 } = {}): Promise<Sandbox> => {
  const folder = await mkdtemp(path.join(tmpdir(), "hitagi-kit-"));
  const log = pino({ level: "silent" });
  const deno = createDenoRuntime({ log, standby });
  let perl: Runtime | undefined;
  const stacks = createReadableStacks();
  const library = createKitLibrary();
  const cache = createCache();
  const network = createRecordedNetwork();
  const broker = createBroker({ library: library.library, cache, log, ...network });

  /** Perl is started only for a plugin in Perl. @throws HitagiError LOAD_FAILED, RUNTIME_UNAVAILABLE */
  const runtimeOf = async (filename: string): Promise<Runtime> => {
    if (/\.pm$/i.test(filename))
      perl ??= createPerlRuntime({
        log,
        standby: 0,
        folderMb: PERL_FOLDER_MB,
        workFolder: path.join(folder, "perl"),
      });
    const runtime = runtimeFor(perl ? [deno, perl] : [deno], filename);
    if (runtime === undefined) {
      const reason = "a plugin file ends in .ts, .js, .mjs or .pm";
      throw new HitagiError("LOAD_FAILED", { reason });
    }
    const reason = await runtime.unavailable();
    if (reason !== undefined) throw new HitagiError("RUNTIME_UNAVAILABLE", { file: filename, reason });
    return runtime;
  };

  const scopeOf = (
    { manifest }: LoadedPlugin,
    runtime: Runtime,
    archive: ArchiveRecord | undefined,
    files: readonly string[],
    seen: Pick<CallScope, "onLine" | "onRequest"> & { added: string[] },
  ): CallScope => ({
    namespace: manifest.namespace,
    source: "kit",
    granted: { ...scopesOf(manifest.permissions ?? {}), ...(files.length > 0 && { files: [...files] }) },
    archive: archive?.id,
    onLine: seen.onLine,
    onRequest: seen.onRequest,
    directNetwork: runtime.name === "perl",
    anyPublicHost: hasOpenNetwork({ runtime: runtime.name, manifest }),
    downloads:
      manifest.type === "script"
        ? {
            add: async (url) => {
              seen.added.push(url);
              return { job: seen.added.length };
            },
          }
        : undefined,
  });

  const openArchives = async ({ archive, library: others = [] }: PluginCall) => {
    library.clear();
    cache.forget();
    for (const other of others) await library.add(other);
    return archive && (await library.add(archive));
  };

  return {
    load: async (filename, source) => {
      const runtime = await runtimeOf(filename);
      const code = codeOf(filename, source);
      try {
        return { code, manifest: await loadManifest(runtime, code) };
      } catch (error) {
        runtime.retire(code);
        throw error;
      }
    },
    failureOf: (error, filename, source) => runFailure(error, codeOf(filename, source), stacks),
    run: async (plugin, call) => {
      const { code, manifest } = plugin;
      const runtime = await runtimeOf(code.filename);
      const settings = completeSettings({ namespace: manifest.namespace, manifest }, call.settings ?? {});
      const lines: LoggedLine[] = [];
      const requests: RunReport["requests"] = [];
      const missingRights: MissingRight[] = [];
      const added: string[] = [];
      const replayed: string[] = [];
      let memory: number | null = null;
      let thrown: string | undefined;
      network.use({
        mode: call.network,
        recording: call.recording,
        secrets: secretNames(manifest, settings),
        onReplay: (method, url) => replayed.push(`${method} ${url}`),
        instead: call.instead,
      });
      const record = await openArchives(call);
      const scope = scopeOf(plugin, runtime, record, call.files ?? [], {
        added,
        onLine: (line) => lines.push(line),
        onRequest: (request) => {
          const at = replayed.indexOf(`${request.method} ${request.url}`);
          if (at >= 0) replayed.splice(at, 1);
          requests.push({ ...request, recorded: at >= 0 });
        },
      });
      const direct = scope.directNetwork ? broker.openNetwork(scope) : undefined;
      const began = performance.now();
      const end = (result: unknown, failure: RunFailure | null): RunReport => ({
        archive: record?.file ?? null,
        result,
        failure,
        missingRights,
        requests,
        log: lines,
        changes: [...library.changes()],
        added,
        ms: Math.round((performance.now() - began) * 10) / 10,
        memory,
      });
      try {
        const value = await runtime.call(code, {
          entry: entryPoints[manifest.type],
          context: {
            ...(call.arg !== undefined && { arg: call.arg }),
            settings,
            ...(runtime.name === "perl" && {
              unset: Object.keys(settings).filter((name) => call.settings?.[name] === undefined),
            }),
            ...(call.url !== undefined && { url: call.url }),
            ...(record && { archive: archiveView(record) }),
          },
          onHostRequest: watchRights(broker.bind(scope), missingRights),
          ...(direct && { network: direct }),
          timeoutMs: call.timeoutMs ?? CALL_TIMEOUT_MS,
          ...(call.signal && { signal: call.signal }),
          onStack: (stack) => {
            thrown = stack;
          },
          onMemory: (bytes) => {
            memory = bytes;
          },
          archiveFile: async () => record && library.fileOf(record.id),
        });
        return end(resultOf(plugin, runtime, value), null);
      } catch (error) {
        return end(null, await runFailure(error, code, stacks, thrown));
      } finally {
        direct?.close();
      }
    },
    isReady: () => deno.stats().standby > 0,
    retire: ({ code }) => runtimeFor(perl ? [deno, perl] : [deno], code.filename)?.retire(code),
    close: async () => {
      await Promise.all([deno.stop(), perl?.stop()]);
      await Promise.all([broker.close(), library.close()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
};
