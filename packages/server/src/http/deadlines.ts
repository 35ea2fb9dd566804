import { HitagiError } from "@hitagi/contract";
import type { FastifyReply, FastifyRequest } from "fastify";
import { sendFailure } from "./errors.ts";

/** Answers 408 and ends the connection, whose rest would be taken for the next request. */
const giveUp = (request: FastifyRequest, reply: FastifyReply, ms: number): void => {
  // A call that takes no body never reads its end, however long it works.
  if (reply.sent || request.raw.complete) return;
  reply.raw.once("finish", () => request.raw.destroy());
  reply.header("connection", "close");
  sendFailure(new HitagiError("REQUEST_TIMEOUT", { seconds: Math.ceil(ms / 1000) }), request, reply);
};

/**
 * Gives a JSON or form body so many milliseconds to arrive whole, so that no one keeps a connection by a byte now
 * and then. Uploads, which may rightly take hours, are watched where they are read.
 */
export const watchBody = (request: FastifyRequest, reply: FastifyReply, ms: number): void => {
  const { raw } = request;
  if (raw.complete || request.routeOptions.config.takes === "file") return;
  const timer = setTimeout(() => giveUp(request, reply, ms), ms);
  const arrived = () => clearTimeout(timer);
  raw.once("end", arrived).once("close", arrived);
};
