import { HitagiError } from "@hitagi/contract";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Limits } from "./limits.ts";

/** Bytes of an answer that is worth counting. */
const LARGE = 128 * 1024;

const sizeOf = (payload: unknown): number =>
  typeof payload === "string" || Buffer.isBuffer(payload) ? payload.length : 0;

/** The key, or without one the address, that an answer counts against. */
const readerOf = ({ holder, ip }: FastifyRequest): string =>
  holder === null ? `address ${ip}` : `key ${holder.id ?? holder.name}`;

/**
 * Limits the large answers in memory that their clients have not read yet, of each key and of all. An answer that is not read
 * in time is cut off. Streams are not counted: they produce no more than the client reads.
 * An answer beyond a limit becomes the error TOO_MANY_UNREAD.
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
  app.addHook("onSend", (request, reply, payload, done) => {
    const size = sizeOf(payload);
    if (size < LARGE) return done(null, payload);
    const reader = readerOf(request);
    const isTooMuch =
      total + size > limits.unreadBytes || (unread.get(reader) ?? 0) + size > limits.unreadBytesByKey;
    // A single answer is sent at any time, however large it is.
    if (isTooMuch && unread.has(reader)) return done(new HitagiError("TOO_MANY_UNREAD"));
    add(reader, size);
    const late = setTimeout(() => reply.raw.destroy(), limits.unreadMs);
    reply.raw.once("close", () => {
      clearTimeout(late);
      add(reader, -size);
    });
    done(null, payload);
  });
};
