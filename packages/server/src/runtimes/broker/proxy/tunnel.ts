import { connect, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { pipeline } from "node:stream/promises";
import { isHitagiError } from "@hitagi/contract";
import { allowedAddresses } from "../../../net/addresses.ts";
import { pinned } from "../../../net/connections.ts";
import { invalidRequest } from "../plugin-request.ts";
import { denied } from "../recorded-request.ts";
import { countBytes, notGranted, type ProxyExchange, reachOf, recorded } from "./exchange.ts";

/** RFC 9112 §3.2.3: a host and a port, and nothing else. */
const AUTHORITY = /^(?:\[[0-9a-f:.]+\]|[^\s/@:?#[\]\\]+):\d{1,5}$/i;

const ESTABLISHED = "HTTP/1.1 200 Connection established\r\n\r\n";

/** The address that a CONNECT names. @throws HitagiError CAPABILITY_INVALID */
export const tunnelTarget = (authority: string): URL => {
  const text = `https://${authority}`;
  if (AUTHORITY.test(authority) && URL.canParse(text)) return new URL(text);
  throw invalidRequest("CONNECT needs host:port");
};

const tooSlow = (): Error => Object.assign(new Error("it did not connect in time"), { code: "ETIMEDOUT" });

/** Connects to one of the checked addresses of a host, without a second lookup. */
const open = async (exchange: ProxyExchange, url: URL): Promise<Socket> => {
  const { scope, lookup, signal, limits } = exchange;
  const reach = reachOf(scope, url);
  if (reach === undefined) throw denied(url, notGranted);
  const addresses = await allowedAddresses(url.hostname, reach, lookup, signal);
  const port = Number(url.port || 443);
  return new Promise((resolve, reject) => {
    const socket = connect({
      host: url.hostname,
      port,
      lookup: pinned(addresses),
      allowHalfOpen: true,
      // It ends the connection with the call. A limit in it would end an open tunnel too.
      signal,
    });
    const limit = setTimeout(() => socket.destroy(tooSlow()), limits.connectMs);
    socket.once("close", () => clearTimeout(limit));
    socket.once("error", reject);
    socket.once("connect", () => {
      clearTimeout(limit);
      resolve(socket);
    });
  });
};

/**
 * Answers a CONNECT: pipes bytes between the plugin and a granted host until either ends. What they say to each other is
 * encrypted, so the network log has only the host.
 * @throws HitagiError as `recorded`; the plugin has no answer then
 */
export const tunnel = async (
  exchange: ProxyExchange,
  authority: string,
  client: Duplex,
  head: Buffer,
): Promise<void> => {
  const url = tunnelTarget(authority);
  const { scope, signal, throttle, limits } = exchange;
  await recorded(exchange, "CONNECT", url, async () => {
    const host = await throttle(scope.namespace, signal, () => open(exchange, url));
    host.setTimeout(limits.idleMs, () => host.destroy());
    const sent = countBytes(limits.requestBytes);
    const received = countBytes(limits.responseBytes);
    client.write(ESTABLISHED);
    if (head.length > 0) client.unshift(head);
    // Each side may end first, and a cut connection is an ordinary end of a tunnel.
    const ends = await Promise.allSettled([
      pipeline(client, sent.pass, host, { signal }),
      pipeline(host, received.pass, client, { signal }),
    ]);
    host.destroy();
    client.destroy();
    const limit = ends.find((end) => end.status === "rejected" && isHitagiError(end.reason));
    if (limit?.status === "rejected") throw limit.reason;
    return { outcome: 200, bytes: received.bytes() };
  });
};
