import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { History } from "../history/types.ts";
import { actorOf } from "./actor.ts";
import { recordedCall } from "./subjects.ts";

type Row = NonNullable<ReturnType<typeof recordedCall>>;

/** What a call is about. One that was refused before it was read has only the parts that its address gives. */
const subjectOf = ({ subject }: Row, { params, query, body, answer }: FastifyRequest, failed: boolean) => {
  const call = {
    params: params ?? {},
    query: query ?? {},
    body: body ?? {},
    answer: failed ? undefined : answer,
  };
  return subject(call as Parameters<typeof subject>[0]);
};

const record = (history: History, row: Row, request: FastifyRequest, reply: FastifyReply): void => {
  const failed = reply.statusCode >= 400;
  // Whoever has no key at all would fill the history otherwise; the log has them.
  if (request.holder === null || (row.elsewhere && !failed)) return;
  const ms = Math.round(reply.elapsedTime);
  history.record({
    time: (Date.now() - ms) / 1000,
    actor: actorOf(request),
    action: request.routeOptions.config.operation ?? "unknown",
    subject: subjectOf(row, request, failed),
    outcome: request.failure ?? (failed ? "INTERNAL" : "ok"),
    ms,
    job: null,
  });
};

/**
 * Records the calls that change something: here once, for all that are registered after it. It happens as the answer
 * is made and not once it has arrived, because a caller that hangs up has changed something all the same. Calls that
 * only read have none of these hooks.
 */
export const recordCalls = (app: FastifyInstance, history: History): void => {
  app.decorateRequest("answer", undefined);
  app.addHook("onRoute", (route) => {
    const row = route.config?.id && recordedCall(route.config.id);
    if (!row) return;
    route.preSerialization = (request, _reply, payload, done) => {
      request.answer = payload;
      done(null, payload);
    };
    route.onSend = (request, reply, payload, done) => {
      record(history, row, request, reply);
      done(null, payload);
    };
  });
};
