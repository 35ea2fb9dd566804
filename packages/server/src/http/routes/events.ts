import type { FastifyInstance } from "fastify";
import type { Follower } from "../../events/types.ts";
import type { Services } from "../../services.ts";
import type { EventStream } from "../event-stream.ts";
import { type OpenStreams, positionOf } from "../open-streams.ts";
import { handleRaw } from "../route.ts";

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

/** The stream of events. */
export const eventRoutes = (
  app: FastifyInstance,
  { events }: Pick<Services, "events">,
  streams: OpenStreams,
): void => {
  handleRaw(app, "streamEvents", ({ query }, { request, reply }) =>
    streams.answer(request, reply, async (stream, signal) => {
      const unfollow = await events.follow(
        positionOf(request, query.after),
        createFollower(stream, query.kind),
      );
      // The client may have disconnected meanwhile.
      if (signal.aborted) unfollow();
      else signal.addEventListener("abort", unfollow, { once: true });
    }),
  );
};
