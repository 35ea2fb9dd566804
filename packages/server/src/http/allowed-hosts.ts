import { isIP } from "node:net";
import { hostname } from "node:os";
import { HitagiError } from "@hitagi/contract";
import type { FastifyInstance } from "fastify";
import type { Config } from "../config/config.ts";

/** Names longer than any host (RFC 1035 §2.3.4) are shortened in the error. */
const MAX_NAME = 253;

/** Lower case, without the dot that ends an absolute name. */
const normalized = (name: string): string => name.toLowerCase().replace(/\.$/, "");

/** The host of a Host header (RFC 9110 §7.2) without its port; undefined if the header has another form. */
const hostOf = (header: string): string | undefined => {
  const [, address, name] = /^(?:\[([0-9a-f:.]+)\]|([^\s:/@?#[\]]+))(?::\d*)?$/i.exec(header) ?? [];
  return address ?? (name && normalized(name));
};

/** The names of this machine, as its own network knows them. */
const ownNames = (): string[] => {
  const name = normalized(hostname());
  const [label = name] = name.split(".");
  return [name, label, `${label}.local`];
};

/**
 * Makes the check of Host headers. A web page can point its own name at this server (DNS rebinding), and its requests then
 * carry that name. So only names that cannot be a page's are allowed: `localhost`, this machine's names, the address
 * that the server listens on, and those of the settings. An IP address is always allowed, because only names can be rebound.
 */
export const createHostCheck = ({
  host,
  publicUrl,
  allowedHosts,
}: Pick<Config, "host" | "publicUrl" | "allowedHosts">): ((header: string) => boolean) => {
  const configured = [...allowedHosts, ...(publicUrl === "" ? [] : [new URL(publicUrl).hostname])];
  const names = new Set(["localhost", ...ownNames(), ...[host, ...configured].map(normalized)]);
  return (header) => {
    const name = hostOf(header);
    return name !== undefined && (names.has(name) || isIP(name) !== 0);
  };
};

/**
 * Refuses every request with a Host that is not allowed, before anything else of the request is read.
 * HTTP/1.0 has no such header; browsers do not speak it.
 */
export const setUpHostCheck = (app: FastifyInstance, config: Parameters<typeof createHostCheck>[0]): void => {
  const isAllowed = createHostCheck(config);
  // Nearly all requests of a server have the same header.
  let last: string | undefined;
  app.addHook("onRequest", ({ headers: { host } }, _reply, done) => {
    if (host === undefined || host === last) return done();
    if (!isAllowed(host)) throw new HitagiError("HOST_NOT_ALLOWED", { host: host.slice(0, MAX_NAME) });
    last = host;
    done();
  });
};
