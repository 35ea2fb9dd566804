import { rootCertificates } from "node:tls";
import { Agent, type Dispatcher, EnvHttpProxyAgent } from "undici";
import { publicLookup } from "./addresses.ts";

/** How this machine reaches others. */
export interface Network {
  /** Certificates of authorities that are trusted beside the usual ones, as PEM text. */
  ca?: string | undefined;
  /** Address of the proxy for http and https. */
  proxy?: string | undefined;
  /** Hosts that are reached without it, separated by commas, as in NO_PROXY. */
  proxyExcept?: string | undefined;
}

/** Connections to the hosts that owners named, and to those that redirects lead to: these are public only. */
export interface Agents {
  named: Dispatcher;
  elsewhere: Dispatcher;
}

/** All authorities that are trusted, where they are more than the usual ones. */
export const trusted = ({ ca }: Network): string[] | undefined =>
  ca === undefined ? undefined : [...rootCertificates, ca];

/** The hosts that are reached without the proxy, for NO_PROXY; it could not reach this machine by its loopback address. */
export const exceptions = ({ proxyExcept = "" }: Network): string => {
  const hosts = proxyExcept.split(",").map((host) => host.trim());
  return hosts.includes("*") ? "*" : ["localhost", "127.0.0.1", "[::1]", ...hosts].filter(Boolean).join(",");
};

// The deadline is over everything, so that no other time limit is needed while an answer is awaited or read.
const patient = { headersTimeout: 0, bodyTimeout: 0 };

const agent = (network: Network, lookup?: typeof publicLookup): Dispatcher => {
  const ca = trusted(network);
  const tls = { ...(ca && { ca }) };
  const connect = { ...tls, ...(lookup && { lookup }) };
  const { proxy } = network;
  if (proxy === undefined || proxy === "") return new Agent({ ...patient, connect });
  return new EnvHttpProxyAgent({
    ...patient,
    connect,
    httpProxy: proxy,
    httpsProxy: proxy,
    noProxy: exceptions(network),
    requestTls: tls,
    proxyTls: tls,
  });
};

/**
 * Makes the connections. Behind a proxy, names are looked up there: that a redirect leads to no private address is then
 * checked of addresses written as numbers only, and the rest is the proxy's to refuse.
 */
export const createAgents = (network: Network): Agents => ({
  named: agent(network),
  elsewhere: agent(network, publicLookup),
});
