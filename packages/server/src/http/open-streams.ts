import { HitagiError } from "@hitagi/contract";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { FirstKey } from "../keys/first-key.ts";
import type { Services } from "../services.ts";
import type { Sessions } from "../sessions/sessions.ts";
import { createEventStream, type EventStream } from "./event-stream.ts";
import type { Limits } from "./limits.ts";

/** An open stream, and the ids of its key and of its browser's session. */
interface OpenStream {
  stream: EventStream;
  key: string | undefined;
  session: string | undefined;
}

/** All open streams of server-sent events: they share their limits, heartbeats and the check of their keys. */
export interface OpenStreams {
  /**
   * Answers a request with a stream.
   * @param begin sends the first messages and those that follow; its signal aborts when the client has gone
   * @throws HitagiError TOO_MANY_STREAMS, and what `begin` throws
   */
  answer(
    request: FastifyRequest,
    reply: FastifyReply,
    begin: (stream: EventStream, signal: AbortSignal) => Promise<void>,
  ): Promise<FastifyReply>;
}

type Checked = Pick<Services, "keys" | "log"> & { sessions: Pick<Sessions, "isOpen" | "onEnded"> };

/** Ends the streams of keys that were revoked or have expired, and of sessions that have ended. */
const checkKeys = async ({ keys, sessions, log }: Checked, open: Iterable<OpenStream>): Promise<void> => {
  for (const { stream, key, session } of open) {
    const isValid = async () =>
      (key === undefined || (await keys.isValid(key))) &&
      (session === undefined || (await sessions.isOpen(session)));
    const valid = await isValid().catch((err: unknown) => {
      log.warn({ err }, "the key of a stream could not be checked");
      return true;
    });
    if (!valid) stream.end();
  }
};

const sendStream = (reply: FastifyReply, { body }: EventStream): FastifyReply =>
  reply
    .type("text/event-stream; charset=utf-8")
    // This header stops nginx from buffering the stream.
    .headers({ "cache-control": "no-store", "x-accel-buffering": "no" })
    .send(body);

export const createOpenStreams = (
  app: FastifyInstance,
  services: Services & Checked & { firstKey: Pick<FirstKey, "onReplaced"> },
  limits: Limits,
): OpenStreams => {
  const { streams } = services.metrics;
  const open = new Set<OpenStream>();
  const heartbeat = setInterval(() => {
    for (const { stream } of open) stream.heartbeat();
    void checkKeys(services, open);
  }, limits.heartbeatMs).unref();
  // The next heartbeat ends the streams of expired keys.
  const offRevoked = services.keys.onRevoked(() => void checkKeys(services, open));
  const offEnded = services.sessions.onEnded(() => void checkKeys(services, open));
  const offReplaced = services.firstKey.onReplaced(() => {
    for (const { stream, key } of open) if (key === undefined) stream.end();
  });
  app.addHook("preClose", (done) => {
    clearInterval(heartbeat);
    offRevoked();
    offEnded();
    offReplaced();
    for (const { stream } of open) stream.end();
    done();
  });

  /** @throws HitagiError TOO_MANY_STREAMS */
  const checkLimits = (key: string | undefined): void => {
    const ofKey = [...open].filter((one) => one.key === key).length;
    if (ofKey >= limits.streamsByKey)
      throw new HitagiError("TOO_MANY_STREAMS", { limit: limits.streamsByKey });
    if (open.size >= limits.streams) throw new HitagiError("TOO_MANY_STREAMS", { limit: limits.streams });
  };

  return {
    answer: async (request, reply, begin) => {
      const key = request.holder?.id;
      checkLimits(key);
      const stream = createEventStream();
      const gone = new AbortController();
      const entry = { stream, key, session: request.holder?.session };
      open.add(entry);
      streams.set(open.size);
      reply.raw.once("close", () => {
        open.delete(entry);
        streams.set(open.size);
        gone.abort();
      });
      await begin(stream, gone.signal);
      stream.limit(limits.streamBytes);
      return sendStream(reply, stream);
    },
  };
};

/** The position of a client that reconnects. EventSource sends the header; other programs may send the query. */
export const positionOf = ({ headers }: FastifyRequest, after: string | undefined): string | undefined => {
  const header = headers["last-event-id"];
  return typeof header === "string" && header !== "" ? header : after;
};
