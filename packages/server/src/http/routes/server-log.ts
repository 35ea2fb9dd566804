import { hostname } from "node:os";
import type { ServerLogLine } from "@hitagi/contract";
import type { FastifyInstance } from "fastify";
import { isAtLeast } from "../../log.ts";
import type { Services } from "../../services.ts";
import { type OpenStreams, positionOf } from "../open-streams.ts";
import { handle, handleRaw } from "../route.ts";

/** The log of this server: its newest lines, and the stream of those that follow. */
export const serverLogRoutes = (
  app: FastifyInstance,
  { logTail }: Pick<Services, "logTail">,
  streams: OpenStreams,
): void => {
  handle(app, "listServerLog", async ({ query: { level, size = 100 } }) => ({
    host: hostname(),
    ...logTail.newest(size, level),
  }));
  handleRaw(app, "streamServerLog", ({ query: { level = "debug", after, size = 0 } }, { request, reply }) =>
    streams.answer(request, reply, async (stream, signal) => {
      const seen = Number(positionOf(request, after?.toString()) ?? Number.NaN);
      // A position beyond the last line is of an earlier run of the server.
      const isKnown = seen <= logTail.end();
      stream.send({ id: isKnown ? seen : logTail.end(), kind: "ready" });
      const send = (line: ServerLogLine): void => stream.send({ ...line, kind: "line" });
      const { items } = isKnown
        ? logTail.newest(Number.POSITIVE_INFINITY, level, seen)
        : logTail.newest(size, level);
      if (isKnown || size > 0) items.forEach(send);
      const unfollow = logTail.follow((line) => {
        if (isAtLeast(line, level)) send(line);
      });
      if (signal.aborted) unfollow();
      else signal.addEventListener("abort", unfollow, { once: true });
    }),
  );
};
