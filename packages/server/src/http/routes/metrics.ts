import type { FastifyInstance } from "fastify";
import type { Metrics } from "../../metrics/metrics.ts";
import type { Timing } from "../../metrics/timings.ts";
import type { Services } from "../../services.ts";
import { handleRaw } from "../route.ts";

/** What is counted and timed. It asks for a key, because it names the plugins and tells how much they are used. */
export const metricsRoute = (app: FastifyInstance, services: Services): void =>
  handleRaw(app, "getMetrics", async (_given, { reply }) => {
    const { type, text } = await services.scrape();
    return reply.type(type).send(text);
  });

/**
 * Times every call of the contract that is registered after it. What a call is is known when it is registered, and to
 * ask a request for it costs more than the observation. A stream of events lasts as long as its reader wants.
 */
export const timeCalls = (app: FastifyInstance, { requestSeconds }: Metrics): void => {
  app.addHook("onRoute", (route) => {
    const { id, operation } = route.config ?? {};
    if (operation === undefined || id === "streamEvents") return;
    const known: (Timing | undefined)[] = [];
    route.onResponse = (_request, reply, done) => {
      const hundreds = Math.floor(reply.statusCode / 100);
      known[hundreds] ??= requestSeconds.of({ operation, status: `${hundreds}xx` });
      known[hundreds].observe(reply.elapsedTime / 1000);
      done();
    };
  });
};
