import ipaddr from "ipaddr.js";

/**
 * Which addresses a granted host may have. The text of the grant decides, so that its reader can tell: a name of the
 * public internet never opens the local network, independent of its DNS.
 *
 * - `public`: addresses of the public internet, but not this machine's own
 * - `local`: all public ones, and private ones (RFC 1918, RFC 4193); the grant is a name that only a local network has
 * - `loopback`: this machine; the grant is `localhost`
 * - `itself`: exactly the IP address that the grant is
 */
export type Reach = "public" | "local" | "loopback" | "itself";

const DEFAULT_PORTS = [80, 443];

/** RFC 6762 `.local`, RFC 8375 `.home.arpa`, ICANN's `.internal`, and `.lan`, which routers use. */
const LOCAL_SUFFIXES = [".local", ".home.arpa", ".internal", ".lan"];

interface Grant {
  host: string;
  wildcard: boolean;
  port: number | undefined;
}

const parseGrant = (text: string): Grant => {
  const [name = "", port] = text.toLowerCase().split(":");
  const wildcard = name.startsWith("*.");
  return {
    host: wildcard ? name.slice(2) : name,
    wildcard,
    port: port === undefined ? undefined : Number(port),
  };
};

const portOf = (url: URL): number => Number(url.port || (url.protocol === "https:" ? 443 : 80));

/** Whether a grant without a port covers the port of a URL. */
export const isDefaultPort = (url: URL): boolean => DEFAULT_PORTS.includes(portOf(url));

/** A wildcard covers subdomains only; a grant without a port covers 80 and 443. */
const covers = (grant: Grant, host: string, port: number): boolean =>
  (grant.wildcard ? host.endsWith(`.${grant.host}`) : host === grant.host) &&
  (grant.port === undefined ? DEFAULT_PORTS.includes(port) : grant.port === port);

const reachOf = ({ host, wildcard }: Grant): Reach => {
  if (wildcard) return "public";
  if (ipaddr.IPv4.isValidFourPartDecimal(host)) return "itself";
  if (host === "localhost") return "loopback";
  const local = !host.includes(".") || LOCAL_SUFFIXES.some((suffix) => host.endsWith(suffix));
  return local ? "local" : "public";
};

/**
 * Which addresses the grants allow for a URL; undefined where no grant names its host and port. A grant of the host itself
 * wins over a wildcard.
 * @param granted entries such as `api.example.org`, `*.example.org`, `127.0.0.1:8080`
 */
export const grantedReach = (granted: readonly string[], url: URL): Reach | undefined => {
  const matching = granted.map(parseGrant).filter((grant) => covers(grant, url.hostname, portOf(url)));
  const best = matching.find((grant) => !grant.wildcard) ?? matching[0];
  return best && reachOf(best);
};
