import { rootCertificates } from "node:tls";
import type { Dispatcher } from "undici";
import { publicLookup } from "./addresses.ts";
import { loadUndici } from "./undici.ts";

/** The outgoing network of this machine. */
export interface Network {
  /** Certificates of additional trusted authorities, as PEM text. */
  ca?: string | undefined;
  proxy?: string | undefined;
  /** Hosts that are reached without the proxy, separated by commas, as in NO_PROXY. */
  proxyExcept?: string | undefined;
}

/** Connections to hosts that the owner named, and to those that redirects lead to, which must be public. */
export interface Agents {
  named(): Promise<Dispatcher>;
  elsewhere(): Promise<Dispatcher>;
  /** Ends the connections that are kept for reuse. */
  close(): Promise<void>;
}

/** All trusted authorities; undefined where they are the default ones. */
export const trusted = ({ ca }: Network): string[] | undefined =>
  ca === undefined ? undefined : [...rootCertificates, ca];

/** The value for NO_PROXY. It always names this machine, whose loopback address a proxy cannot reach. */
export const exceptions = ({ proxyExcept = "" }: Network): string => {
  const hosts = proxyExcept.split(",").map((host) => host.trim());
  return hosts.includes("*") ? "*" : ["localhost", "127.0.0.1", "[::1]", ...hosts].filter(Boolean).join(",");
};

// The deadline of a request covers its headers and its body.
const noTimeouts = { headersTimeout: 0, bodyTimeout: 0 };

const open = async (network: Network, lookup?: typeof publicLookup): Promise<Dispatcher> => {
  const { Agent, EnvHttpProxyAgent } = await loadUndici();
  const ca = trusted(network);
  const tls = { ...(ca && { ca }) };
  const connect = { ...tls, ...(lookup && { lookup }) };
  const { proxy } = network;
  if (proxy === undefined || proxy === "") return new Agent({ ...noTimeouts, connect });
  return new EnvHttpProxyAgent({
    ...noTimeouts,
    connect,
    httpProxy: proxy,
    httpsProxy: proxy,
    noProxy: exceptions(network),
    requestTls: tls,
    proxyTls: tls,
  });
};

/** Opens connections when they are first needed. */
const agent = (network: Network, lookup?: typeof publicLookup) => {
  let opened: Promise<Dispatcher> | undefined;
  return {
    get: (): Promise<Dispatcher> => {
      opened ??= open(network, lookup);
      return opened;
    },
    close: async (): Promise<void> => (await opened)?.destroy(),
  };
};

/**
 * Makes the connections. A proxy resolves names itself, so behind one only redirects to numeric addresses are checked, and
 * the proxy must refuse the names of private hosts.
 */
export const createAgents = (network: Network): Agents => {
  const [named, elsewhere] = [agent(network), agent(network, publicLookup)];
  return {
    named: named.get,
    elsewhere: elsewhere.get,
    close: async () => void (await Promise.all([named.close(), elsewhere.close()])),
  };
};
