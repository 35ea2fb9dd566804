import { randomUUID } from "node:crypto";
import {
  type Actor,
  HitagiError,
  type Namespace,
  type Permissions,
  quarantineRemedy,
} from "@hitagi/contract";
import { settlesWithin } from "../../async/deadline.ts";
import { sha256Of } from "../../disk/sha256.ts";
import type { Library } from "../../library/types.ts";
import type { WriteLogLine } from "../../plugin-logs/types.ts";
import { archiveView } from "../../runtimes/archive-view.ts";
import { hasOpenNetwork } from "../../runtimes/broker/grants.ts";
import type { FileAccess } from "../../runtimes/granted-files.ts";
import { createReadableStacks } from "../../runtimes/stack/readable-stack.ts";
import {
  type Broker,
  type CallContext,
  type CallRequest,
  type CallScope,
  type DownloadQueue,
  entryPoints,
  type HostRequestHandler,
  type LoginSession,
  type Runtime,
} from "../../runtimes/types.ts";
import type { ArchiveRecord } from "../../store/types.ts";
import type { PluginSettings } from "../settings.ts";
import { sourceOf } from "../source.ts";
import type { ActivePlugin, ActivePlugins, CallObserver, UseRequest } from "../types.ts";
import { type CallLog, createCallLog } from "./call-log.ts";
import { type Cooldown, cooldownOf } from "./cooldown.ts";
import { type OtherPluginsDeps, otherPluginsOf } from "./other-plugins.ts";
import type { Quarantine } from "./quarantine.ts";

export interface CallDeps {
  active: Pick<ActivePlugins, "get">;
  runtimes: readonly Runtime[];
  broker: Broker;
  files: Pick<FileAccess, "resolve">;
  library: Pick<Library, "get" | "localFile">;
  settings: PluginSettings;
  cooldown: Cooldown;
  quarantine: Quarantine;
  others: OtherPluginsDeps;
  session: (loginNamespace: Namespace) => Promise<LoginSession | undefined>;
  writeLog: WriteLogLine;
  /** The queue of downloads for one call of a script. */
  downloadQueue: (
    plugin: ActivePlugin,
    granted: () => Permissions,
    actor: Actor | undefined,
  ) => DownloadQueue;
  timeoutMs: number;
}

/** A wait of fewer milliseconds keeps the place of its job. */
const SHORT_WAIT_MS = 500;

/** A plugin's result, unchecked, and the archive as the plugin saw it. */
export interface Returned {
  value: unknown;
  archive: ArchiveRecord | undefined;
}

/** Runs one version of a plugin to its end, even if another is installed meanwhile. */
export type Call = (plugin: ActivePlugin, request: CallOptions) => Promise<Returned>;

export interface CallOptions extends Omit<UseRequest, "namespace">, Pick<CallRequest, "takeFile"> {}

/** @throws HitagiError PLUGIN_QUARANTINED, PLUGIN_BROKEN */
const assertHealthy = ({ namespace, health }: ActivePlugin) => {
  if (health.state === "ok") return;
  const reason = health.reason ?? health.state;
  if (health.state !== "quarantined") throw new HitagiError("PLUGIN_BROKEN", { namespace, reason });
  const remedy = quarantineRemedy(health.cause, namespace);
  throw new HitagiError("PLUGIN_QUARANTINED", { namespace, reason, remedy });
};

/** @throws HitagiError PLUGIN_CANCELLED */
const throwIfCancelled = (signal: AbortSignal | undefined) => {
  if (signal?.aborted) throw new HitagiError("PLUGIN_CANCELLED", {}, { cause: signal.reason });
};

/** A key's holder is one caller in all calls, jobs and batches; what the server does by itself is another, and so is a plugin. */
const callerOf = ({ actor, through }: CallOptions): string => {
  if (through !== undefined) return `the plugin ${through}`;
  if (typeof actor?.key === "string") return `the key ${actor.key}`;
  return actor?.kind === "api" || actor?.kind === "cli" ? "requests without a key" : "the server";
};

/** The same archive, argument and address are one input, for every caller. */
const inputOf = (caller: string, { arg, url }: CallOptions, archive: ArchiveRecord | undefined): string =>
  archive || arg || url ? sha256Of(Buffer.from(JSON.stringify([archive?.id, arg, url]))) : caller;

export const createCall = (deps: CallDeps): Call => {
  const stacks = createReadableStacks();
  const byName = new Map(deps.runtimes.map((runtime) => [runtime.name, runtime]));

  /** @throws HitagiError RUNTIME_UNAVAILABLE if the runtime is switched off */
  const runtimeOf = async ({ runtime, code }: ActivePlugin): Promise<Runtime> => {
    const found = byName.get(runtime);
    if (found && !found.disabled) return found;
    const reason = found ? ((await found.unavailable()) ?? `${runtime} is off`) : `${runtime} is not enabled`;
    throw new HitagiError("RUNTIME_UNAVAILABLE", { file: code.filename, reason });
  };

  /** Only metadata plugins work on an archive. */
  const archiveFor = async ({ manifest }: ActivePlugin, { archive: id, seen }: CallOptions) => {
    if (manifest.type !== "metadata") return undefined;
    if (id === undefined || id === "") {
      const reason = `${manifest.namespace} works on an archive, and no archive's id was given`;
      throw new HitagiError("VALIDATION_FAILED", { reason });
    }
    return { ...(await deps.library.get(id)), ...seen };
  };

  /** A longer wait is outside of the places of running jobs. */
  const waitForCooldown = async (
    { namespace, manifest }: ActivePlugin,
    { signal, waitOutside }: CallOptions,
  ): Promise<boolean> => {
    const seconds = cooldownOf(manifest);
    if (seconds === 0) return false;
    const waited = deps.cooldown.wait(namespace, seconds, signal);
    try {
      if (!waitOutside || (await settlesWithin(SHORT_WAIT_MS, waited))) return await waited;
      return await waitOutside(waited);
    } catch (error) {
      throwIfCancelled(signal);
      throw error;
    }
  };

  /** What the owner grants now, also during a call; a version that was replaced keeps what it had. */
  const grantedNow = ({ namespace, code, granted }: ActivePlugin): Permissions => {
    const now = deps.active.get(namespace);
    return now?.code.sha256 === code.sha256 ? now.granted : granted;
  };

  /** The granted files, for a plugin that opens them itself. */
  const filesFor = async (plugin: ActivePlugin): Promise<CallRequest["files"]> => {
    const { files = [] } = grantedNow(plugin);
    return files.length === 0 ? undefined : deps.files.resolve(plugin.namespace, files);
  };

  const sessionOf = (login: Namespace, { onLoginFailed }: Partial<UseRequest>) =>
    deps.session(login).catch((error: unknown) => {
      onLoginFailed?.(login, error);
      throw error;
    });

  const scopeOf = (
    plugin: ActivePlugin,
    archive: ArchiveRecord | undefined,
    request: Partial<UseRequest>,
    callLog: CallLog,
  ): CallScope => {
    const { type, login_from } = plugin.manifest;
    // A login that waits for another login, perhaps its own, could deadlock.
    const login = type === "login" ? undefined : login_from;
    const directNetwork = plugin.runtime === "perl";
    return {
      namespace: plugin.namespace,
      source: sourceOf(plugin),
      get granted() {
        return grantedNow(plugin);
      },
      archive: archive?.id,
      onProgress: request.onProgress,
      onLine: callLog.line,
      onRequest: request.observer?.onRequest,
      onRefused: request.onRefused,
      directNetwork,
      anyPublicHost: hasOpenNetwork(plugin),
      plugins: directNetwork
        ? otherPluginsOf(deps.others, plugin, () => grantedNow(plugin), request)
        : undefined,
      downloads:
        type === "script" ? deps.downloadQueue(plugin, () => grantedNow(plugin), request.actor) : undefined,
      session: login === undefined ? undefined : () => sessionOf(login, request),
    };
  };

  /** A call that is observed has a process for itself, so that what is seen is the call's. */
  const isolationOf = (
    plugin: ActivePlugin,
    caller: string,
    observer: CallObserver | undefined,
  ): string | undefined => {
    if (observer) return `observed ${randomUUID()}`;
    return deps.quarantine.isSuspect(plugin, caller) ? caller : undefined;
  };

  return async (plugin, request) => {
    const { signal, arg, url } = request;
    const runtime = await runtimeOf(plugin);
    assertHealthy(plugin);
    const caller = callerOf(request);
    deps.quarantine.assertAllowed(plugin, caller);
    throwIfCancelled(signal);
    let archive = await archiveFor(plugin, request);
    if (await waitForCooldown(plugin, request)) archive = await archiveFor(plugin, request);
    const isPerl = plugin.runtime === "perl";
    const context: CallContext = { settings: await deps.settings.values(plugin) };
    if (arg !== undefined) context.arg = arg;
    if (url !== undefined) context.url = url;
    if (archive !== undefined) context.archive = archiveView(archive);
    if (isPerl) context.unset = await deps.settings.unset(plugin);
    const files = isPerl ? await filesFor(plugin) : undefined;
    const callLog = createCallLog(deps.writeLog, plugin.namespace, archive, request);
    const scope = isPerl ? scopeOf(plugin, archive, request, callLog) : undefined;
    const network = scope && deps.broker.openNetwork(scope);
    const { observer, takeFile } = request;
    let answer: HostRequestHandler | undefined;
    let thrownStack: string | undefined;
    try {
      const value = await runtime.call(plugin.code, {
        entry: entryPoints[plugin.manifest.type],
        context,
        onHostRequest: (...asked) => {
          // Many calls ask for nothing.
          answer ??= deps.broker.bind(scope ?? scopeOf(plugin, archive, request, callLog));
          return answer(...asked);
        },
        network,
        files,
        timeoutMs: deps.timeoutMs,
        isolation: isolationOf(plugin, caller, observer),
        onStack: (thrown) => {
          thrownStack = thrown;
        },
        onMemory: observer?.onMemory,
        origin: () => ({ caller, input: inputOf(caller, request, archive) }),
        archiveFile: async () => archive && deps.library.localFile(archive.id),
        takeFile,
        signal,
      });
      return { value, archive };
    } catch (error) {
      const stack = thrownStack && (await stacks.of(plugin.code, thrownStack));
      if (stack) observer?.onStack(stack);
      callLog.failed(error, stack);
      await deps.quarantine.failed(plugin, error);
      throw error;
    } finally {
      network?.close();
    }
  };
};
