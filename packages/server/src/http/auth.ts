import { createHash, timingSafeEqual } from "node:crypto";
import { HitagiError } from "@hitagi/contract";
import type { FastifyRequest } from "fastify";
import { createFailedKeys, type FailedKeys } from "./failed-keys.ts";

/** Longer than any key that anybody keeps; what is longer is wrong without being compared. */
const ROOM = 1024;

/** The text in a buffer of fixed length, so that comparing takes the same time whatever its length. */
const padded = (text: string, into: Buffer = Buffer.alloc(ROOM)): Buffer => {
  into.fill(0).write(text);
  return into;
};

/**
 * Checks the key of a request: `Authorization: Bearer <base64 of the API key>`, as LANraragi's clients send it. The
 * time that it takes says nothing of the key nor of its length.
 * @throws HitagiError UNAUTHORIZED, TOO_MANY_FAILED_KEYS; CONFIG_INVALID for a key that is far too long
 */
export const createAuth = (
  apiKey: string,
  failed: FailedKeys = createFailedKeys(),
): ((request: FastifyRequest) => void) => {
  const token = Buffer.from(apiKey, "utf8").toString("base64");
  if (token.length > ROOM)
    throw new HitagiError("CONFIG_INVALID", { name: "HITAGI_API_KEY", reason: "too long" });
  const expected = padded(token);
  const scratch = Buffer.alloc(ROOM);
  const isRight = (given: string): boolean =>
    given.length <= ROOM && timingSafeEqual(padded(given, scratch), expected);
  return (request) => {
    const given = /^bearer +([A-Za-z0-9+/=]+)$/i.exec(request.headers.authorization ?? "")?.[1];
    if (given === undefined) throw new HitagiError("UNAUTHORIZED");
    if (failed.guessing(request.ip)) throw new HitagiError("TOO_MANY_FAILED_KEYS");
    if (isRight(given)) return;
    const tooMany = failed.add(request.ip, createHash("sha256").update(given).digest("base64"));
    throw new HitagiError(tooMany ? "TOO_MANY_FAILED_KEYS" : "UNAUTHORIZED");
  };
};
