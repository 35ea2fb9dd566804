import { HitagiError, isHitagiError } from "@hitagi/contract";
import { type Lookup, lookupAll } from "../../net/addresses.ts";
import { type Connections, createConnections } from "../../net/connections.ts";
import type { RequestStore } from "../../store/types.ts";
import { createFileAccess, type FileAccess } from "../granted-files.ts";
import type { Broker, BrokerObserver, CallScope, HostRequestHandler } from "../types.ts";
import type { Capability, CapabilityContext } from "./capability.ts";
import { type CapabilityDeps, capabilityTable, FETCH_THROTTLE, LOG_LIMITS } from "./capability-table.ts";
import { createHostFetch, type FetchLimits } from "./host-fetch.ts";
import { createNetworkLog, createSharedNetworkLog, type NetworkLog } from "./network-log.ts";
import { createCallNetwork } from "./proxy/call-network.ts";
import type { ProxyLimits } from "./proxy/exchange.ts";
import { createSessionCookies } from "./session-cookies.ts";
import { createCallThrottle, createThrottle } from "./throttle.ts";

export interface BrokerDeps extends Pick<CapabilityDeps, "library" | "cache" | "log"> {
  /** Files of this machine; by default none is closed. */
  files?: FileAccess;
  /** Kept settings of LANraragi; by default none. */
  lanraragiSetting?: CapabilityDeps["lanraragiSetting"];
  /** Network log of all servers; by default it is in memory. */
  requests?: RequestStore | undefined;
  /** Resolves host names; by default as the operating system does. */
  lookup?: Lookup;
  /** Where requests go; by default to the network. `close` of the broker closes it. */
  connections?: Connections;
  /** Epoch milliseconds. */
  now?: () => number;
  fetchLimits?: Partial<FetchLimits>;
  /** Limits of plugins that make their requests themselves. */
  proxyLimits?: Partial<ProxyLimits>;
  observer?: BrokerObserver;
}

const noObserver: BrokerObserver = { onHostRequest: () => {}, onFetch: () => {} };

const FETCH_LIMITS: FetchLimits = { totalMs: 30_000, responseBytes: 16 * 1024 * 1024, redirects: 5 };

const MB = 1024 * 1024;

const PROXY_LIMITS: ProxyLimits = {
  connectMs: 10_000,
  idleMs: 30_000,
  requestBytes: 16 * MB,
  responseBytes: 256 * MB,
};

/** Opens a call's login session when it is first needed. */
const sessionOf = (scope: CallScope): CapabilityContext["session"] => {
  let session: ReturnType<CapabilityContext["session"]> | undefined;
  return async () => {
    session ??= scope.session?.();
    return session;
  };
};

/** Refusals of one call that its log tells. */
const MAX_TOLD = 20;

/** The refusals of a call, each once. */
const createRefusals = () => {
  // Most calls are refused nothing.
  let told: Set<string> | undefined;
  return {
    isNew: ({ code, message }: HitagiError): boolean => {
      if (code !== "CAPABILITY_DENIED") return false;
      told ??= new Set();
      if (told.has(message) || told.size >= MAX_TOLD) return false;
      told.add(message);
      return true;
    },
  };
};

/** The library's list for one call, so that its pages come from one reading. */
const listOf = ({ list }: BrokerDeps["library"]): CapabilityContext["archives"] => {
  let found: ReturnType<CapabilityContext["archives"]> | undefined;
  return (again) => {
    if (again || !found) found = list();
    return found;
  };
};

/**
 * Answers the host requests of plugins. Each passes the capability table, the throttle, the permission and the check of
 * its arguments before it runs. `close` ends the connections that are kept for reuse.
 */
export const createBroker = (deps: BrokerDeps): Broker & { close(): Promise<void> } => {
  const { library, cache, log, lookup = lookupAll, now = Date.now, observer = noObserver } = deps;
  const { files = createFileAccess(), lanraragiSetting = async () => undefined } = deps;
  const { connections = createConnections() } = deps;
  const network = deps.requests ? createSharedNetworkLog(deps.requests, log) : createNetworkLog();
  const throttle = createThrottle();
  const requestLog: NetworkLog = {
    ...network,
    add: (namespace, record) => {
      network.add(namespace, record);
      observer.onFetch(record.outcome);
    },
  };
  const fetch = createHostFetch({
    lookup,
    connections,
    log: requestLog,
    cookiesOf: createSessionCookies(),
    now,
    limits: { ...FETCH_LIMITS, ...deps.fetchLimits },
  });
  const table = new Map(
    capabilityTable({ library, cache, files, lanraragiSetting, log, now, fetch }).map((row) => [
      row.name,
      row,
    ]),
  );

  /** A plugin sees errors of the contract; of others it learns only that there was one. */
  const visible = (error: unknown, row: Capability, { scope, signal }: CapabilityContext): HitagiError => {
    if (isHitagiError(error)) return error;
    if (signal.aborted) return new HitagiError("PLUGIN_CANCELLED", {}, { cause: error });
    log.error({ plugin: scope.namespace, capability: row.name, err: error }, "A capability failed");
    return new HitagiError("CAPABILITY_FAILED", { capability: row.name }, { cause: error });
  };

  /** Logs what a call is refused, for its owner, in the order of the lines that the plugin logged before. */
  const refusalsOf = (scope: CallScope) => {
    const refusals = createRefusals();
    return (error: HitagiError, signal: AbortSignal): void => {
      if (!refusals.isNew(error)) return;
      const tell = async () => scope.onLine?.({ level: "warn", text: error.message });
      void throttle(`${scope.namespace} log`, LOG_LIMITS, signal, tell).catch(() => {});
    };
  };

  return {
    bind(scope): HostRequestHandler {
      const session = sessionOf(scope);
      const archives = listOf(library);
      const callThrottle = createCallThrottle();
      const tellRefusal = refusalsOf(scope);
      return async (name, args, signal, deliver) => {
        const row = table.get(name);
        if (!row) {
          observer.onHostRequest("unknown", "CAPABILITY_DENIED");
          throw new HitagiError("CAPABILITY_DENIED", {
            action: "use this",
            reason: "there is no such capability",
          });
        }
        const context = { scope, signal, session, archives };
        try {
          await callThrottle(row.name, row.limits, signal);
          const response = await throttle(`${scope.namespace} ${row.name}`, row.limits, signal, async () => {
            const value = await row.invoke(args, context);
            await deliver?.(value);
            return value;
          });
          observer.onHostRequest(row.name, "ok");
          return response;
        } catch (error) {
          const seen = visible(error, row, context);
          observer.onHostRequest(row.name, seen.code);
          tellRefusal(seen, signal);
          throw seen;
        }
      };
    },
    openNetwork: (scope) =>
      createCallNetwork(
        {
          lookup,
          connections,
          log: requestLog,
          throttle: (namespace, signal, task) => throttle(`${namespace} fetch`, FETCH_THROTTLE, signal, task),
          now,
          limits: { ...PROXY_LIMITS, ...deps.proxyLimits },
        },
        scope,
        refusalsOf(scope),
      ),
    networkLog: network.of,
    close: connections.close,
  };
};
