import { api, type Route } from "@hitagi/contract";
import type { FastifyInstance } from "fastify";
import type { Metrics } from "../../metrics/metrics.ts";
import type { Timing } from "../../metrics/timings.ts";
import type { Services } from "../../services.ts";
import { handleRaw } from "../route.ts";

/** The metrics. They need a key, because they name the plugins and show their use. */
export const metricsRoute = (app: FastifyInstance, services: Services): void =>
  handleRaw(app, "getMetrics", async (_input, { reply }) => {
    const { type, text } = await services.scrape();
    return reply.type(type).send(text);
  });

/**
 * Times the requests of every operation that is registered later. The operation is read at registration, because reading
 * it from a request costs more than the observation. Event streams are not timed: the client decides when they end.
 */
export const timeRequests = (app: FastifyInstance, { requestSeconds }: Metrics): void => {
  app.addHook("onRoute", (route) => {
    const { id, operation } = route.config ?? {};
    if (id === undefined || operation === undefined) return;
    const { media }: Route = api[id];
    if (media === "text/event-stream") return;
    const known: (Timing | undefined)[] = [];
    route.onResponse = (_request, reply, done) => {
      const hundreds = Math.floor(reply.statusCode / 100);
      known[hundreds] ??= requestSeconds.of({ operation, status: `${hundreds}xx` });
      known[hundreds].observe(reply.elapsedTime / 1000);
      done();
    };
  });
};
