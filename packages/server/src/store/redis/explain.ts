import { connect as connectPlain, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { type HitagiError, isHitagiError } from "@hitagi/contract";
import type { RedisOptions } from "ioredis";
import { redisError, refusalOf, unreachableFor } from "./redis-error.ts";
import { askSentinels } from "./sentinels.ts";

/** Milliseconds in which somebody who lets nobody in says so by himself, and in which a question is answered. */
const [GREETING_MS, ANSWER_MS] = [150, 1000];

type Place = Pick<RedisOptions, "host" | "port" | "path" | "tls">;

/** What came over a connection; a fault where none could be made. */
type Heard = { text: string; ended: boolean } | { fault: unknown };

/** Only once nothing came by itself is anything asked: who writes to a connection that was closed may never read what it said. */
const listenTo = (socket: Socket): Promise<Heard> =>
  new Promise((resolve) => {
    let connected = false;
    const timers: NodeJS.Timeout[] = [];
    const end = (heard: Heard): void => {
      for (const timer of timers) clearTimeout(timer);
      socket.destroy();
      resolve(heard);
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

/** Whether somebody there speaks TLS, whoever it is, and what that side ends the connection with, once it has been made. */
const overTls = ({ host, port, tls }: Place): Promise<{ speaks: boolean; fault?: unknown }> =>
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
      // Whether our certificate is wanted, TLS 1.3 says only afterwards (RFC 8446 §4.4.2.4).
      setTimeout(end, GREETING_MS);
    });
  });

const isReply = (text: string): boolean => /^[+-]/.test(text);

const explainPlace = async (error: HitagiError, place: Place): Promise<HitagiError> => {
  const heard = await listenTo(plainTo(place));
  if ("fault" in heard) return redisError(heard.fault);
  const { text, ended } = heard;
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
  const { speaks, fault } = place.path === undefined ? await overTls(place) : { speaks: false };
  if (place.tls) return fault === undefined ? error : redisError(fault);
  return speaks ? unreachableFor("it speaks only TLS there; write rediss://", error) : error;
};

/**
 * Looks at what is there where a Redis could not be reached, and answers an error that says it. Takes two seconds at
 * most for each place.
 * @returns the error that was given, where it says enough or nothing more is to be learned
 */
export const explain = async (error: HitagiError, options: RedisOptions): Promise<HitagiError> => {
  if (!isHitagiError(error, "STORE_UNREACHABLE")) return error;
  if (!options.sentinels) return explainPlace(error, options);
  const found = await askSentinels(options);
  return "error" in found ? found.error : explainPlace(error, { ...options, ...found });
};
