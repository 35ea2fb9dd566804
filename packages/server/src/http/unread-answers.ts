import type { Socket } from "node:net";
import { Readable } from "node:stream";
import { HitagiError } from "@hitagi/contract";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Limits } from "./limits.ts";

/** Bytes of a request and its answer beside the answer's body: headers and Node's objects. */
const OVERHEAD = 4096;

/** Bytes in the buffers of a streamed answer. A stream produces no more than the client reads. */
const STREAMED = 128 * 1024;

/** Bytes beyond the limits for the answers that refuse. */
const REFUSALS = 1024 * 1024;

const sizeOf = (payload: unknown): number => {
  if (typeof payload === "string" || Buffer.isBuffer(payload)) return OVERHEAD + Buffer.byteLength(payload);
  return payload instanceof Readable ? OVERHEAD + STREAMED : OVERHEAD;
};

/** The key, or without one the address, that an answer counts against. */
const readerOf = ({ holder, ip }: FastifyRequest): string =>
  holder === null ? `address ${ip}` : `key ${holder.id ?? holder.name}`;

/** Calls `release` once: when an answer has been read, or when its connection ends. */
const createReadWatch = () => {
  const waiting = new WeakMap<Socket, Set<() => void>>();
  const waitingOn = (socket: Socket): Set<() => void> => {
    const known = waiting.get(socket);
    if (known) return known;
    const answers = new Set<() => void>();
    waiting.set(socket, answers);
    // Node does not tell it to answers that wait behind another one on the connection.
    socket.once("close", () => {
      for (const release of answers) release();
    });
    return answers;
  };
  return ({ raw: { socket } }: FastifyRequest, { raw }: FastifyReply, release: () => void): void => {
    const answers = waitingOn(socket);
    const once = () => {
      if (answers.delete(once)) release();
    };
    answers.add(once);
    raw.once("close", once);
  };
};

/**
 * Limits the answers that their clients have not read yet, of each key and of all. An answer that is not read in time is cut
 * off, unless it is a stream. An answer beyond a limit becomes the error TOO_MANY_UNREAD; the connection of a client that
 * reads no errors either is closed.
 */
export const limitUnreadAnswers = (
  app: FastifyInstance,
  limits: Pick<Limits, "unreadBytes" | "unreadBytesByKey" | "unreadMs">,
): void => {
  const unread = new Map<string, number>();
  let total = 0;
  const add = (reader: string, bytes: number): void => {
    const now = (unread.get(reader) ?? 0) + bytes;
    total += bytes;
    if (now === 0) unread.delete(reader);
    else unread.set(reader, now);
  };
  /** A single answer is sent at any time, however large it is. */
  const hasRoom = (reader: string, bytes: number): boolean => {
    const own = unread.get(reader);
    return (
      own === undefined || (own + bytes <= limits.unreadBytesByKey && total + bytes <= limits.unreadBytes)
    );
  };
  const onceRead = createReadWatch();
  app.addHook("onSend", (request, reply, payload, done) => {
    const { socket } = request.raw;
    if (socket.destroyed) return done(null, payload);
    const size = sizeOf(payload);
    const reader = readerOf(request);
    const isRefusal = request.errorCode === "TOO_MANY_UNREAD";
    if (!hasRoom(reader, isRefusal ? size - REFUSALS : size)) {
      if (payload instanceof Readable) payload.destroy();
      if (!isRefusal) return done(new HitagiError("TOO_MANY_UNREAD"));
      socket.destroy();
      return done(null, payload);
    }
    add(reader, size);
    const isStream = payload instanceof Readable;
    const late = isStream ? undefined : setTimeout(() => socket.destroy(), limits.unreadMs);
    onceRead(request, reply, () => {
      clearTimeout(late);
      add(reader, -size);
    });
    done(null, payload);
  });
};
