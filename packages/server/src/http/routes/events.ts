import { HitagiError } from "@hitagi/contract";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Follower } from "../../events/types.ts";
import type { FirstKey } from "../../keys/first-key.ts";
import type { Services } from "../../services.ts";
import { createEventStream, type EventStream } from "../event-stream.ts";
import type { Limits } from "../limits.ts";
import { handleRaw } from "../route.ts";

/** A stream, and whose key opened it. */
interface Open {
  stream: EventStream;
  key: string | undefined;
}

/** Only events of some kinds, or all; the position is told in any case. */
const follower = ({ send }: EventStream, kinds: string | undefined): Follower => {
  const wanted = kinds === undefined ? undefined : new Set(kinds.split(","));
  return {
    begin: ({ id, reset }) => send({ id, kind: reset ? "reset" : "ready" }),
    event: (event) => {
      if (wanted === undefined || wanted.has(event.kind)) send(event);
    },
  };
};

/** The position that a reader names: EventSource sends the header by itself; other programs may ask in the address. */
const positionOf = ({ headers }: FastifyRequest, after: string | undefined): string | undefined => {
  const header = headers["last-event-id"];
  return typeof header === "string" && header !== "" ? header : after;
};

const answerWith = (reply: FastifyReply, { body }: EventStream): FastifyReply =>
  reply
    .type("text/event-stream; charset=utf-8")
    // A proxy that collects answers (nginx does, unless it is told) would hold events back.
    .headers({ "cache-control": "no-store", "x-accel-buffering": "no" })
    .send(body);

/** Ends the streams of keys that were revoked or have expired since. */
const checkKeys = async ({ keys, log }: Services, open: Iterable<Open>): Promise<void> => {
  for (const { stream, key } of open) {
    if (key === undefined) continue;
    const valid = await keys.isValid(key).catch((err: unknown) => {
      log.warn({ err }, "the key of a stream of events could not be checked");
      return true;
    });
    if (!valid) stream.end();
  }
};

/** What happens on the server, to whoever listens. */
export const eventRoutes = (
  app: FastifyInstance,
  services: Services & { firstKey: Pick<FirstKey, "onReplaced"> },
  limits: Limits,
): void => {
  const { streams } = services.metrics;
  const open = new Set<Open>();
  const heart = setInterval(() => {
    for (const { stream } of open) stream.beat();
    void checkKeys(services, open);
  }, limits.heartbeatMs).unref();
  // That the time of a key has come, the next heartbeat finds.
  const unfollow = services.keys.onRevoked(() => void checkKeys(services, open));
  const leaveFirst = services.firstKey.onReplaced(() => {
    for (const { stream, key } of open) if (key === undefined) stream.end();
  });

  handleRaw(app, "streamEvents", async ({ query }, { request, reply }) => {
    if (open.size >= limits.streams) throw new HitagiError("TOO_MANY_STREAMS", { limit: limits.streams });
    const stream = createEventStream();
    const entry = { stream, key: request.holder?.id };
    let leave: (() => void) | undefined;
    open.add(entry);
    streams.set(open.size);
    reply.raw.once("close", () => {
      open.delete(entry);
      streams.set(open.size);
      leave?.();
    });
    leave = await services.events.follow(positionOf(request, query.after), follower(stream, query.kind));
    // It may have gone while the bus was asked.
    if (reply.raw.destroyed) leave();
    stream.limit(limits.streamBytes);
    return answerWith(reply, stream);
  });
  app.addHook("preClose", (done) => {
    clearInterval(heart);
    unfollow();
    leaveFirst();
    for (const { stream } of open) stream.end();
    done();
  });
};
