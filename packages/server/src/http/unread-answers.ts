import type { Socket } from "node:net";
import { Readable } from "node:stream";
import { HitagiError } from "@hitagi/contract";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Limits } from "./limits.ts";

/** A key or an address, with the bytes that it has not read. */
interface Reader {
  name: string;
  bytes: number;
  /** An address is forgotten when it has read all: there may be any number of them. */
  isAddress: boolean;
}

/** An answer that its client has not read to its end. */
interface UnreadAnswer {
  reader: Reader;
  bytes: number;
  /** When it was sent, by `performance.now()`. */
  since: number;
  isStream: boolean;
}

/** The unread answers of a connection are kept at its socket: a map of sockets costs more. */
const UNREAD = Symbol("unread answers");
type Connection = Socket & { [UNREAD]?: UnreadAnswer[] };

declare module "fastify" {
  interface FastifyRequest {
    unread: UnreadAnswer | null;
  }
}

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

/** Counts the unread bytes of each key, or without one of the address, and of all. */
const createByteCount = (limits: Pick<Limits, "unreadBytes" | "unreadBytesByKey">) => {
  const keys = new Map<string, Reader>();
  const addresses = new Map<string, Reader>();
  let total = 0;
  return {
    readerOf: ({ holder, ip }: FastifyRequest): Reader => {
      const all = holder === null ? addresses : keys;
      const name = holder === null ? ip : (holder.id ?? holder.name);
      const known = all.get(name);
      if (known) return known;
      const reader = { name, bytes: 0, isAddress: holder === null };
      all.set(name, reader);
      return reader;
    },
    /** A single answer is sent at any time, however large it is. */
    hasRoom: (reader: Reader, bytes: number): boolean =>
      reader.bytes === 0 ||
      (reader.bytes + bytes <= limits.unreadBytesByKey && total + bytes <= limits.unreadBytes),
    add: (reader: Reader, bytes: number): void => {
      reader.bytes += bytes;
      total += bytes;
      if (reader.bytes === 0 && reader.isAddress) addresses.delete(reader.name);
    },
  };
};

/**
 * Watches the unread answers of each connection, and ends a connection that does not read one in time.
 * @param release called once for each answer: when it has been read, or when its connection ends
 */
const createConnectionWatch = (unreadMs: number, release: (answer: UnreadAnswer) => void) => {
  const connections = new Set<Connection>();
  let timer: NodeJS.Timeout | undefined;

  const endLate = (): void => {
    timer = undefined;
    const now = performance.now();
    const onTime: number[] = [];
    for (const connection of connections) {
      const sent = (connection[UNREAD] ?? []).filter(({ isStream }) => !isStream).map(({ since }) => since);
      if (sent.some((since) => now - since >= unreadMs)) connection.destroy();
      else onTime.push(...sent);
    }
    if (onTime.length > 0) schedule(Math.min(...onTime) + unreadMs - now);
  };

  /** One timer for all answers: nearly all have been read when it ends. */
  const schedule = (ms: number): void => {
    timer ??= setTimeout(endLate, ms).unref();
  };

  const answersOf = (connection: Connection): UnreadAnswer[] => {
    const known = connection[UNREAD];
    if (known) return known;
    const answers: UnreadAnswer[] = [];
    connection[UNREAD] = answers;
    connections.add(connection);
    // Node tells only the answer that is being sent that its connection has ended, not those that wait behind it.
    connection.once("close", () => {
      connections.delete(connection);
      for (const answer of answers.splice(0)) release(answer);
    });
    return answers;
  };

  return {
    sent: (connection: Connection, answer: UnreadAnswer): void => {
      answersOf(connection).push(answer);
      if (!answer.isStream) schedule(unreadMs);
    },
    read: (connection: Connection, answer: UnreadAnswer): void => {
      const answers = answersOf(connection);
      // Nearly always the connection has this one only.
      if (answers.at(-1) === answer) answers.pop();
      else {
        const at = answers.indexOf(answer);
        if (at < 0) return;
        answers.splice(at, 1);
      }
      release(answer);
    },
    stop: (): void => clearTimeout(timer),
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
  const count = createByteCount(limits);
  const watch = createConnectionWatch(limits.unreadMs, ({ reader, bytes }) => count.add(reader, -bytes));
  app.decorateRequest("unread", null);
  app.addHook("onSend", (request, _reply, payload, done) => {
    const { socket } = request.raw;
    const isStream = payload instanceof Readable;
    // Node would keep the body of an answer that waits behind another one of the ended connection.
    if (socket.destroyed) {
      if (isStream) payload.destroy();
      return done(null, "");
    }
    const bytes = sizeOf(payload);
    const reader = count.readerOf(request);
    const isRefusal = request.errorCode === "TOO_MANY_UNREAD";
    if (!count.hasRoom(reader, isRefusal ? bytes - REFUSALS : bytes)) {
      if (isStream) payload.destroy();
      if (!isRefusal) return done(new HitagiError("TOO_MANY_UNREAD"));
      socket.destroy();
      return done(null, payload);
    }
    count.add(reader, bytes);
    request.unread = { reader, bytes, since: performance.now(), isStream };
    watch.sent(socket, request.unread);
    done(null, payload);
  });
  app.addHook("onResponse", (request, _reply, done) => {
    if (request.unread) watch.read(request.raw.socket, request.unread);
    done();
  });
  app.addHook("onClose", async () => watch.stop());
};
