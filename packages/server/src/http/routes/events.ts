import { HitagiError } from "@hitagi/contract";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Follower } from "../../events/types.ts";
import type { FirstKey } from "../../keys/first-key.ts";
import type { Services } from "../../services.ts";
import { createEventStream, type EventStream } from "../event-stream.ts";
import type { Limits } from "../limits.ts";
import { handleRaw } from "../route.ts";

/** An open stream, and the id of its key. */
interface OpenStream {
  stream: EventStream;
  key: string | undefined;
}

/** Sends events of some kinds, or all. The position is always sent. */
const createFollower = ({ send }: EventStream, kinds: string | undefined): Follower => {
  const wanted = kinds === undefined ? undefined : new Set(kinds.split(","));
  return {
    begin: ({ id, reset }) => send({ id, kind: reset ? "reset" : "ready" }),
    event: (event) => {
      if (wanted === undefined || wanted.has(event.kind)) send(event);
    },
  };
};

/** The position of a client that reconnects. EventSource sends the header; other programs may send the query. */
const positionOf = ({ headers }: FastifyRequest, after: string | undefined): string | undefined => {
  const header = headers["last-event-id"];
  return typeof header === "string" && header !== "" ? header : after;
};

const sendStream = (reply: FastifyReply, { body }: EventStream): FastifyReply =>
  reply
    .type("text/event-stream; charset=utf-8")
    // This header stops nginx from buffering the stream.
    .headers({ "cache-control": "no-store", "x-accel-buffering": "no" })
    .send(body);

/** Ends the streams of keys that were revoked or have expired. */
const checkKeys = async ({ keys, log }: Services, open: Iterable<OpenStream>): Promise<void> => {
  for (const { stream, key } of open) {
    if (key === undefined) continue;
    const valid = await keys.isValid(key).catch((err: unknown) => {
      log.warn({ err }, "the key of a stream of events could not be checked");
      return true;
    });
    if (!valid) stream.end();
  }
};

/** The stream of events. */
export const eventRoutes = (
  app: FastifyInstance,
  services: Services & { firstKey: Pick<FirstKey, "onReplaced"> },
  limits: Limits,
): void => {
  const { streams } = services.metrics;
  const open = new Set<OpenStream>();
  const heartbeat = setInterval(() => {
    for (const { stream } of open) stream.heartbeat();
    void checkKeys(services, open);
  }, limits.heartbeatMs).unref();
  // The next heartbeat ends the streams of expired keys.
  const offRevoked = services.keys.onRevoked(() => void checkKeys(services, open));
  const offReplaced = services.firstKey.onReplaced(() => {
    for (const { stream, key } of open) if (key === undefined) stream.end();
  });

  handleRaw(app, "streamEvents", async ({ query }, { request, reply }) => {
    const key = request.holder?.id;
    const ofKey = [...open].filter((one) => one.key === key).length;
    if (ofKey >= limits.streamsByKey)
      throw new HitagiError("TOO_MANY_STREAMS", { limit: limits.streamsByKey });
    if (open.size >= limits.streams) throw new HitagiError("TOO_MANY_STREAMS", { limit: limits.streams });
    const stream = createEventStream();
    const entry = { stream, key };
    let unfollow: (() => void) | undefined;
    open.add(entry);
    streams.set(open.size);
    reply.raw.once("close", () => {
      open.delete(entry);
      streams.set(open.size);
      unfollow?.();
    });
    unfollow = await services.events.follow(
      positionOf(request, query.after),
      createFollower(stream, query.kind),
    );
    // The client may have disconnected meanwhile.
    if (reply.raw.destroyed) unfollow();
    stream.limit(limits.streamBytes);
    return sendStream(reply, stream);
  });
  app.addHook("preClose", (done) => {
    clearInterval(heartbeat);
    offRevoked();
    offReplaced();
    for (const { stream } of open) stream.end();
    done();
  });
};
