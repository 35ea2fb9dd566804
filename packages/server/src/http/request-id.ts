import { randomBytes } from "node:crypto";
import type { IncomingMessage } from "node:http";

const SANE = /^[A-Za-z0-9._:-]{1,64}$/;

/**
 * Makes the namer of a server's requests: the caller's `x-request-id` where it is short and plain, else the next of
 * a series. Its beginning is random, so that the logs of two runs or two servers do not share ids; the ids themselves
 * are names and no secrets.
 */
export const createRequestIds = (): ((request: Pick<IncomingMessage, "headers">) => string) => {
  const series = randomBytes(6).toString("hex");
  let count = 0;
  return (request) => {
    const given = request.headers["x-request-id"];
    if (typeof given === "string" && SANE.test(given)) return given;
    count += 1;
    return `${series}-${count}`;
  };
};
