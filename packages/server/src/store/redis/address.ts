import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import { rootCertificates } from "node:tls";
import { HitagiError } from "@hitagi/contract";
import type { RedisOptions } from "ioredis";

/** The schemes of a Redis in `HITAGI_STORE`. */
export const REDIS_SCHEMES = [
  "redis:",
  "rediss:",
  "redis+unix:",
  "redis+sentinel:",
  "rediss+sentinel:",
] as const;

/** The database in which LANraragi keeps its configuration. */
const DEFAULT_DATABASE = 2;
const [PORT, SENTINEL_PORT] = [6379, 26_379];

/** `scheme://user:password@place?parameters`, where the place is hosts and a database, or a path. */
const FORM = /^([a-z+]+:)\/\/(?:([^@]*)@)?([^?#@]*)(?:\?([^#]*))?$/s;

/** The files, in PEM form, with which a client identifies itself. */
export interface ClientCertificate {
  cert: string;
  key: string;
}

/** The address of a Redis, or what is wrong with its text. */
export type RedisAddress = { options: RedisOptions; certificate?: ClientCertificate } | { fault: string };

const login = (userInfo: string | undefined): RedisOptions => {
  if (!userInfo) return {};
  const [username = "", ...rest] = userInfo.split(":").map(decodeURIComponent);
  const password = rest.join(":");
  return { ...(username && { username }), ...(password && { password }) };
};

/** @throws RangeError */
const databaseOf = (text: string): number => {
  if (text === "") return DEFAULT_DATABASE;
  if (/^\d{1,5}$/.test(text)) return Number(text);
  throw new RangeError("the database is not a number");
};

/** @throws RangeError */
const hostOf = (text: string, fallback: number): { host: string; port: number } => {
  const [, host, port] = /^(\[[^\]]+\]|[^:\s[\]]+)(?::(\d{1,5}))?$/.exec(text) ?? [];
  const number = port === undefined ? fallback : Number(port);
  if (!host || number < 1 || number > 65_535) throw new RangeError("the host or the port is not valid");
  return { host: host.replace(/^\[|\]$/g, ""), port: number };
};

/** An IP address is no server name (RFC 6066 §3). */
const tlsTo = (host: string) => (isIP(host) === 0 ? { servername: host } : {});

const oneHost = (place: string, secure: boolean): RedisOptions => {
  const [host = "", database = ""] = place.split("/", 2);
  const at = hostOf(host, PORT);
  return { ...at, db: databaseOf(database), ...(secure && { tls: tlsTo(at.host) }) };
};

const socket = (place: string, parameters: URLSearchParams): RedisOptions => {
  if (!place.startsWith("/")) throw new RangeError("redis+unix:// is not followed by an absolute path");
  return { path: decodeURIComponent(place), db: databaseOf(parameters.get("db") ?? "") };
};

/** A primary is reached over TLS if its sentinels are. */
const SECURE_SENTINELS: RedisOptions = { tls: {}, sentinelTLS: {}, enableTLSForSentinelMode: true };

const sentinels = (place: string, parameters: URLSearchParams, secure: boolean): RedisOptions => {
  const [hosts = "", database = ""] = place.split("/", 2);
  const name = parameters.get("master");
  if (!name) throw new RangeError("?master= with the name of the primary is missing");
  const sentinelPassword = parameters.get("sentinel_password");
  return {
    sentinels: hosts.split(",").map((host) => hostOf(host, SENTINEL_PORT)),
    name,
    db: databaseOf(database),
    ...(sentinelPassword && { sentinelPassword }),
    ...(secure && SECURE_SENTINELS),
  };
};

/** @throws RangeError */
const certificateOf = (options: RedisOptions, parameters: URLSearchParams): ClientCertificate | undefined => {
  const [cert, key] = [parameters.get("cert"), parameters.get("key")];
  if (cert === null && key === null) return undefined;
  if (!cert || !key) throw new RangeError("of ?cert= and ?key= one is missing");
  if (!options.tls) throw new RangeError("?cert= and ?key= are for TLS: rediss://");
  return { cert, key };
};

/**
 * Reads an address: `redis://[user:password@]host[:port][/database]`, `rediss://` for TLS,
 * `redis+unix:///path[?db=database]`, or `redis+sentinel://[user:password@]host[:port],…[/database]?master=name`, with
 * `rediss+sentinel://` for TLS. With TLS, `cert=` and `key=` name files. Without a number the database is 2, where
 * LANraragi keeps its configuration.
 */
export const parseRedisAddress = (text: string): RedisAddress => {
  const [, scheme = "", userInfo, place = "", query] = FORM.exec(text) ?? [];
  const parameters = new URLSearchParams(query);
  const forms: Record<(typeof REDIS_SCHEMES)[number], () => RedisOptions> = {
    "redis:": () => oneHost(place, false),
    "rediss:": () => oneHost(place, true),
    "redis+unix:": () => socket(place, parameters),
    "redis+sentinel:": () => sentinels(place, parameters, false),
    "rediss+sentinel:": () => sentinels(place, parameters, true),
  };
  const known = REDIS_SCHEMES.find((one) => one === scheme);
  if (!known)
    return { fault: "it is not the address of a Redis; a / or @ in a password is written %2F or %40" };
  try {
    const options = { ...login(userInfo), ...forms[known]() };
    const certificate = certificateOf(options, parameters);
    return { options, ...(certificate && { certificate }) };
  } catch (error) {
    if (error instanceof RangeError) return { fault: error.message };
    if (error instanceof URIError) return { fault: "a % in it is followed by no two hexadecimal digits" };
    throw error;
  }
};

const invalid = (reason: string, cause?: unknown) =>
  new HitagiError("CONFIG_INVALID", { name: "HITAGI_STORE", reason }, { cause });

const read = (file: string, parameter: string): Buffer => {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw invalid(`the file that ?${parameter}= names cannot be read`, cause);
  }
};

/**
 * Adds the certificates to the options of a Redis that is reached over TLS.
 * @param ca certificates of further trusted authorities, as PEM text
 * @throws HitagiError CONFIG_INVALID
 */
export const withCertificates = (
  options: RedisOptions,
  { certificate, ca }: { certificate?: ClientCertificate | undefined; ca?: string | undefined },
): RedisOptions => {
  if (!options.tls) return options;
  const more = {
    ...(ca !== undefined && { ca: [...rootCertificates, ca] }),
    ...(certificate && { cert: read(certificate.cert, "cert"), key: read(certificate.key, "key") }),
  };
  const sentinelTLS = options.sentinelTLS && { ...options.sentinelTLS, ...more };
  return { ...options, tls: { ...options.tls, ...more }, ...(sentinelTLS && { sentinelTLS }) };
};

/** The options to connect to an address. @throws HitagiError CONFIG_INVALID */
export const redisOptions = (address: string, ca?: string): RedisOptions => {
  const parsed = parseRedisAddress(address);
  if ("fault" in parsed) throw invalid(parsed.fault);
  return withCertificates(parsed.options, { certificate: parsed.certificate, ca });
};
