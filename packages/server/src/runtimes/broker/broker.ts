import { HitagiError, isHitagiError } from "@hitagi/contract";
import type { Logger } from "pino";
import type { Library } from "../../library/types.ts";
import { type Lookup, lookupAll } from "../../net/addresses.ts";
import { createConnections } from "../../net/connections.ts";
import type { PluginCacheStore, RequestStore } from "../../store/types.ts";
import type { Ask, Broker, BrokerObserver, CallScope } from "../types.ts";
import type { Call, Capability } from "./capability.ts";
import { capabilityTable } from "./capability-table.ts";
import { createHostFetch, type FetchLimits } from "./host-fetch.ts";
import { createNetworkLog, createSharedNetworkLog, type NetworkLog } from "./network-log.ts";
import { MAX_RESPONSE_BYTES } from "./response-body.ts";
import { createSessionCookies } from "./session-cookies.ts";
import { createCallPace, createThrottle } from "./throttle.ts";

export interface BrokerDeps {
  library: Pick<Library, "entries" | "read" | "search" | "get" | "update">;
  cache: PluginCacheStore;
  /** Where all servers note what plugins request; in memory where not given. */
  requests?: RequestStore | undefined;
  log: Logger;
  /** How names are resolved; the operating system's way by default. */
  lookup?: Lookup;
  /** Epoch milliseconds. */
  now?: () => number;
  fetchLimits?: Partial<FetchLimits>;
  observer?: BrokerObserver;
}

const nobody: BrokerObserver = { asked: () => {}, fetched: () => {} };

/** A network log whose entries are told of. */
const observed = (log: NetworkLog, { fetched }: BrokerObserver): NetworkLog => ({
  ...log,
  add: (namespace, url, record) => {
    log.add(namespace, url, record);
    fetched(record.outcome);
  },
});

const FETCH_LIMITS: FetchLimits = { totalMs: 30_000, responseBytes: MAX_RESPONSE_BYTES, redirects: 5 };

/** The session of one call's login, asked for when it is first needed and then kept. */
const sessionOnce = (scope: CallScope): Call["session"] => {
  let session: ReturnType<Call["session"]> | undefined;
  return () => {
    session ??= scope.session?.() ?? Promise.resolve(undefined);
    return session;
  };
};

/**
 * The host's side of what plugins ask for. `close` ends the connections that are kept for reuse.
 * Every answer passes: the row, the pace, the permission, the arguments, and only then the row's function.
 */
export const createBroker = (deps: BrokerDeps): Broker & { close(): Promise<void> } => {
  const { library, cache, log, lookup = lookupAll, now = Date.now, observer = nobody } = deps;
  const connections = createConnections();
  const kept = deps.requests ? createSharedNetworkLog(deps.requests, log) : createNetworkLog();
  const network = observed(kept, observer);
  const throttle = createThrottle();
  const limits = { ...FETCH_LIMITS, ...deps.fetchLimits };
  const cookiesOf = createSessionCookies();
  const fetch = createHostFetch({ lookup, connections, log: network, cookiesOf, now, limits });
  const table = new Map(capabilityTable({ library, cache, log, now, fetch }).map((row) => [row.name, row]));

  /** What the plugin sees of an error: those of the table as they are, of others only that there was one. */
  const visible = (error: unknown, row: Capability, { scope, signal }: Call): HitagiError => {
    if (isHitagiError(error)) return error;
    if (signal.aborted) return new HitagiError("PLUGIN_CANCELLED", {}, { cause: error });
    log.error({ plugin: scope.namespace, capability: row.name, err: error }, "A capability failed");
    return new HitagiError("CAPABILITY_FAILED", { capability: row.name }, { cause: error });
  };

  return {
    bind(scope): Ask {
      const session = sessionOnce(scope);
      const ownPace = createCallPace();
      return async (name, args, signal, deliver) => {
        const row = table.get(name);
        if (!row) {
          observer.asked("unknown", "CAPABILITY_DENIED");
          throw new HitagiError("CAPABILITY_DENIED", {
            action: "use this",
            reason: "there is no such capability",
          });
        }
        const call = { scope, signal, session };
        try {
          await ownPace(row.name, row.pace, signal);
          const answered = await throttle(`${scope.namespace} ${row.name}`, row.pace, signal, async () => {
            const value = await row.answer(args, call);
            await deliver?.(value);
            return value;
          });
          observer.asked(row.name, "ok");
          return answered;
        } catch (error) {
          const seen = visible(error, row, call);
          observer.asked(row.name, seen.code);
          throw seen;
        }
      };
    },
    networkLog: network.of,
    close: connections.close,
  };
};
