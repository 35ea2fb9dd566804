import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";

const SANE = /^[A-Za-z0-9._:-]{1,64}$/;

/** The request's id: the caller's `x-request-id` where it is short and plain, else a new one. */
export const requestIdOf = (request: Pick<IncomingMessage, "headers">): string => {
  const given = request.headers["x-request-id"];
  return typeof given === "string" && SANE.test(given) ? given : randomUUID();
};
