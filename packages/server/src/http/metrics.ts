import type { FastifyInstance } from "fastify";
import type { Metrics } from "../metrics/metrics.ts";
import type { Services } from "../services.ts";
import { handleRaw } from "./route.ts";

/** What is counted and timed. It asks for a key, because it names the plugins and tells how much they are used. */
export const metricsRoute = (app: FastifyInstance, services: Services): void =>
  handleRaw(app, "getMetrics", async (_given, { reply }) => {
    const { type, text } = await services.scrape();
    return reply.type(type).send(text);
  });

/** Times every call of the contract that is answered. A stream of events lasts as long as its reader wants. */
export const timeCalls = (app: FastifyInstance, { requestSeconds }: Metrics): void => {
  app.addHook("onResponse", (request, reply, done) => {
    const { id, operation } = request.routeOptions.config;
    if (operation !== undefined && id !== "streamEvents") {
      const status = `${Math.floor(reply.statusCode / 100)}xx`;
      requestSeconds.observe({ operation, status }, reply.elapsedTime / 1000);
    }
    done();
  });
};
