import { connect as connectPlain, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { type HitagiError, isHitagiError } from "@hitagi/contract";
import { Redis, type RedisOptions } from "ioredis";
import { redisError, refusalOf, unreachableFor } from "./redis-error.ts";

/** Where the primary is, or why that is not known. */
type Primary = { host: string; port: number } | { error: HitagiError };

/** Milliseconds that a sentinel may take to answer. */
const SENTINEL_MS = 1000;

const query = async (options: RedisOptions, at: object): Promise<unknown> => {
  const { sentinelPassword: password, sentinelTLS: tls, name = "" } = options;
  const client = new Redis({
    ...at,
    ...(password && { password }),
    ...(tls && { tls }),
    ...{
      lazyConnect: true,
      connectTimeout: SENTINEL_MS,
      commandTimeout: SENTINEL_MS,
      retryStrategy: () => null,
    },
  });
  let fault: unknown;
  client.on("error", (e: unknown) => {
    fault ??= e;
  });
  try {
    await client.connect();
    return await client.call("SENTINEL", "GET-MASTER-ADDR-BY-NAME", name);
  } catch (e) {
    throw fault ?? e;
  } finally {
    client.disconnect();
  }
};

/** Finds the primary through the sentinels of an address, which are asked one after the other. */
const findPrimary = async (options: RedisOptions): Promise<Primary> => {
  let last: unknown;
  for (const at of options.sentinels ?? []) {
    try {
      const answer = await query(options, at);
      if (Array.isArray(answer)) return { host: String(answer[0]), port: Number(answer[1]) };
      return { error: unreachableFor(`the sentinels know no primary called ${options.name}`) };
    } catch (e) {
      last = e;
    }
  }
  const error = redisError(last);
  return { error: isTemporary(error) ? unreachableFor("no sentinel answers", last) : error };
};

const isTemporary = (error: HitagiError): boolean => isHitagiError(error, "STORE_UNREACHABLE");

/**
 * Throws what keeps the sentinels of an address from answering, if it does not pass by itself; ioredis would ask them without end.
 * @throws HitagiError STORE_CERTIFICATE, STORE_REFUSED
 */
export const checkSentinels = async (options: RedisOptions): Promise<void> => {
  if (!options.sentinels) return;
  const found = await findPrimary(options);
  if ("error" in found && !isTemporary(found.error)) throw found.error;
};

/** Milliseconds for a server to send a refusal unasked, and to answer a PING. */
const [GREETING_MS, ANSWER_MS] = [150, 1000];

type Place = Pick<RedisOptions, "host" | "port" | "path" | "tls">;

/** What came over a connection, or why none could be made. */
type Received = { text: string; ended: boolean } | { fault: unknown };

/** Sends a PING only after a time of silence: a client that writes to a closed connection may never read the refusal. */
const receive = (socket: Socket): Promise<Received> =>
  new Promise((resolve) => {
    let connected = false;
    const timers: NodeJS.Timeout[] = [];
    const end = (received: Received): void => {
      for (const timer of timers) clearTimeout(timer);
      socket.destroy();
      resolve(received);
    };
    socket.on("error", (fault) => end(connected ? { text: "", ended: true } : { fault }));
    socket.on("end", () => end({ text: "", ended: true }));
    socket.on("data", (data) => end({ text: data.toString("latin1"), ended: false }));
    socket.on("connect", () => {
      connected = true;
      timers.push(setTimeout(() => socket.write("PING\r\n"), GREETING_MS));
    });
    timers.push(setTimeout(() => end({ text: "", ended: false }), GREETING_MS + ANSWER_MS));
  });

const plainTo = ({ host, port, path }: Place): Socket =>
  path === undefined ? connectPlain({ host, port: port ?? 0 }) : connectPlain({ path });

/** Whether a server speaks TLS, and the error with which it closes the connection. */
const probeTls = ({ host, port, tls }: Place): Promise<{ speaks: boolean; fault?: unknown }> =>
  new Promise((resolve) => {
    const socket = connectTls({ ...tls, host, port, rejectUnauthorized: false });
    let speaks = false;
    const end = (fault?: unknown): void => {
      clearTimeout(late);
      socket.destroy();
      resolve({ speaks, fault });
    };
    const late = setTimeout(end, ANSWER_MS);
    socket.on("error", end);
    socket.on("secureConnect", () => {
      speaks = true;
      // TLS 1.3 asks for a client certificate only afterwards (RFC 8446 §4.4.2.4).
      setTimeout(end, GREETING_MS);
    });
  });

const isReply = (text: string): boolean => /^[+-]/.test(text);

const diagnoseServer = async (error: HitagiError, place: Place): Promise<HitagiError> => {
  const received = await receive(plainTo(place));
  if ("fault" in received) return redisError(received.fault);
  const { text, ended } = received;
  if (text.startsWith("-ERR max number of clients"))
    return unreachableFor("it has as many clients as its maxclients allows", error);
  const [, kind = ""] = /^-([A-Z]+)/.exec(text) ?? [];
  if (place.tls && isReply(text) && kind !== "DENIED")
    return unreachableFor("it speaks no TLS there; rediss:// asks for it, and redis:// does not", error);
  if (kind !== "NOAUTH") {
    const refusal = refusalOf(kind, error);
    if (refusal) return refusal;
  }
  if (isReply(text)) return error;
  if (text === "" && !ended) return unreachableFor("it does not answer", error);
  const { speaks, fault } = place.path === undefined ? await probeTls(place) : { speaks: false };
  if (place.tls) return fault === undefined ? error : redisError(fault);
  return speaks ? unreachableFor("it speaks only TLS there; write rediss://", error) : error;
};

/**
 * Finds out why a Redis cannot be reached. Takes at most two seconds for each server.
 * @returns a more exact error, or the given one if nothing more is found
 */
export const diagnose = async (error: HitagiError, options: RedisOptions): Promise<HitagiError> => {
  if (!isHitagiError(error, "STORE_UNREACHABLE")) return error;
  if (!options.sentinels) return diagnoseServer(error, options);
  const found = await findPrimary(options);
  return "error" in found ? found.error : diagnoseServer(error, { ...options, ...found });
};
