import { HitagiError } from "@hitagi/contract";
import { createByteLimit } from "../../../async/byte-limit.ts";
import type { Lookup } from "../../../net/addresses.ts";
import type { Connections } from "../../../net/connections.ts";
import { grantedReach, isDefaultPort, type Reach } from "../../../net/granted-hosts.ts";
import type { CallScope } from "../../types.ts";
import type { NetworkLog } from "../network-log.ts";
import { recordRequest, requestFailure } from "../recorded-request.ts";

export interface ProxyLimits {
  /** Milliseconds to open a tunnel's connection. */
  connectMs: number;
  /** Milliseconds without a byte after which a connection ends. The call's own time limit ends all of them. */
  idleMs: number;
  /** Of a request's body, and of all that is sent through a tunnel. */
  requestBytes: number;
  /** Of an answer's body, and of all that is received through a tunnel. */
  responseBytes: number;
}

export interface ProxyDeps {
  lookup: Lookup;
  connections: Connections;
  log: NetworkLog;
  /** Runs a task within the plugin's rate of requests. */
  throttle: <T>(namespace: string, signal: AbortSignal, task: () => Promise<T>) => Promise<T>;
  /** Epoch milliseconds. */
  now: () => number;
  limits: ProxyLimits;
}

/** What one request of a call through the proxy works with. */
export interface ProxyExchange extends ProxyDeps {
  scope: CallScope;
  /** Aborts when the call ends. */
  signal: AbortSignal;
}

/**
 * Which addresses a call may have for a URL; undefined where its host is not granted. A plugin that names no hosts has all
 * public ones, at the ports that a grant without a port covers.
 */
export const reachOf = ({ granted: { net }, anyPublicHost }: CallScope, url: URL): Reach | undefined => {
  if (anyPublicHost && net === undefined) return isDefaultPort(url) ? "public" : undefined;
  return grantedReach(net ?? [], url);
};

export const notGranted = "this host is not granted; its owner grants it with `hitagi grant <plugin> --net`";

export const tooLarge = (bytes: number): HitagiError =>
  new HitagiError("CAPABILITY_LIMIT", { reason: `a request or its answer is larger than ${bytes} bytes` });

/**
 * Runs one request of a call, and records it.
 * @throws HitagiError CAPABILITY_DENIED, CAPABILITY_LIMIT, REQUEST_FAILED, PLUGIN_CANCELLED
 */
export const recorded = async (
  { scope, log, now, signal }: ProxyExchange,
  method: string,
  url: URL,
  run: () => Promise<{ outcome: number; bytes: number }>,
): Promise<void> => {
  const failureOf = (cause: unknown) => requestFailure(cause, url, signal);
  await recordRequest({ log, now, scope, method, url, failureOf }, run);
};

/** Counts the bytes of a body, or of one direction of a tunnel. */
export const countBytes = (max: number) => createByteLimit(max, () => tooLarge(max));
