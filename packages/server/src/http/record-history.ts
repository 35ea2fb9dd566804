import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { History } from "../history/types.ts";
import { type HistoryRule, historyRuleOf } from "./history-rules.ts";
import { actorOf } from "./request.ts";

/** The parts of a request that a rule reads. */
const exchangeOf = ({ params, query, body }: FastifyRequest, response?: unknown) =>
  ({ params: params ?? {}, query: query ?? {}, body: body ?? {}, response }) as Parameters<
    HistoryRule["subject"]
  >[0];

/** What a request did. A request that was refused before its body was read has path and query only. */
const changeOf = ({ subject, details }: HistoryRule, request: FastifyRequest, failed: boolean) => {
  const { responseBody, changeDetails, removedName: name } = request;
  const given = exchangeOf(request, failed ? undefined : responseBody);
  const known = changeDetails ?? details?.(given);
  return {
    subject: subject(given),
    ...((known || name !== undefined) && { details: { ...known, ...(name !== undefined && { name }) } }),
  };
};

const record = (history: History, rule: HistoryRule, request: FastifyRequest, reply: FastifyReply): void => {
  const failed = reply.statusCode >= 400;
  // Requests without a key are only logged, because they could fill the history.
  if (request.holder === null || (rule.recordedElsewhere && !failed)) return;
  const ms = Math.round(reply.elapsedTime);
  history.record({
    time: (Date.now() - ms) / 1000,
    actor: actorOf(request),
    action: request.routeOptions.config.operation ?? "unknown",
    ...changeOf(rule, request, failed),
    outcome: request.errorCode ?? (failed ? "INTERNAL" : "ok"),
    ms,
    job: null,
  });
};

/**
 * Records the requests that change something, for all operations that are registered after it. It records when the
 * response is made, not when it has arrived: a client that disconnects has changed something too. Operations that only
 * read have none of these hooks.
 */
export const recordHistory = (app: FastifyInstance, history: History): void => {
  app.decorateRequest("responseBody", undefined);
  app.decorateRequest("changeDetails", undefined);
  app.decorateRequest("removedName", undefined);
  app.addHook("onRoute", (route) => {
    const rule = route.config?.id && historyRuleOf(route.config.id);
    if (!rule) return;
    if (route.method === "DELETE") {
      route.preHandler = async (request) => {
        request.removedName = await history.nameOf(rule.subject(exchangeOf(request)));
      };
    }
    route.preSerialization = (request, _reply, payload, done) => {
      request.responseBody = payload;
      done(null, payload);
    };
    route.onSend = (request, reply, payload, done) => {
      record(history, rule, request, reply);
      done(null, payload);
    };
  });
};
