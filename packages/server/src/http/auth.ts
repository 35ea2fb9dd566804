import { createHash, timingSafeEqual } from "node:crypto";
import { HitagiError } from "@hitagi/contract";
import type { FastifyRequest } from "fastify";
import { createFailedKeys, type FailedKeys } from "./failed-keys.ts";

const digestOf = (text: string): Buffer => createHash("sha256").update(text).digest();

/**
 * Checks the key of a request: `Authorization: Bearer <base64 of the API key>`, as LANraragi's clients send it.
 * Digests are compared, so that the time taken says nothing of the key nor of its length.
 * @throws HitagiError UNAUTHORIZED, TOO_MANY_FAILED_KEYS
 */
export const createAuth = (
  apiKey: string,
  failed: FailedKeys = createFailedKeys(),
): ((request: FastifyRequest) => void) => {
  const expected = digestOf(Buffer.from(apiKey, "utf8").toString("base64"));
  return (request) => {
    const token = /^bearer +(\S+)$/i.exec(request.headers.authorization ?? "")?.[1];
    if (token === undefined) throw new HitagiError("UNAUTHORIZED");
    if (failed.guessing(request.ip)) throw new HitagiError("TOO_MANY_FAILED_KEYS");
    const given = digestOf(token);
    if (timingSafeEqual(given, expected)) return;
    const tooMany = failed.add(request.ip, given.toString("base64"));
    throw new HitagiError(tooMany ? "TOO_MANY_FAILED_KEYS" : "UNAUTHORIZED");
  };
};
