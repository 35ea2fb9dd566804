import { createHash, timingSafeEqual } from "node:crypto";
import { HitagiError } from "@hitagi/contract";
import type { FastifyRequest } from "fastify";
import { createFailedKeys, type FailedKeys } from "./failed-keys.ts";

/** Characters of the shortest and the longest key, in base64, that are told apart by how long comparing takes. */
const ROOM = { least: 128, most: 1024 };

/** The room for a key: a power of two, so that even who measures it learns next to nothing of the key's length. */
const roomFor = (length: number): number => {
  let room = ROOM.least;
  while (room < length) room *= 2;
  return room;
};

/** The text in a buffer of fixed length, so that comparing takes the same time whatever its length. */
const padded = (text: string, into: Buffer): Buffer => {
  into.fill(0).write(text);
  return into;
};

/**
 * Checks the key of a request: `Authorization: Bearer <base64 of the API key>`, as LANraragi's clients send it. The
 * time that it takes says nothing of the key, and of its length only whether keys of 96, 192, 384 bytes are shorter.
 *
 * The key comes in a header that no browser sends by itself, and no answer allows another origin to read it. So a
 * page that a browser of this network shows can neither ride on its owner's rights nor, by a name that is made to
 * point here (DNS rebinding), do more than anybody who reaches the port: the open calls. That is why the Host header
 * is not held to a list of names, which would shut out whoever puts this server behind a name of their own.
 * @throws HitagiError UNAUTHORIZED, TOO_MANY_FAILED_KEYS; CONFIG_INVALID for a key that is far too long
 */
export const createAuth = (
  apiKey: string,
  failed: FailedKeys = createFailedKeys(),
): ((request: FastifyRequest) => void) => {
  const token = Buffer.from(apiKey, "utf8").toString("base64");
  if (token.length > ROOM.most)
    throw new HitagiError("CONFIG_INVALID", { name: "HITAGI_API_KEY", reason: "too long" });
  const room = roomFor(token.length);
  const expected = padded(token, Buffer.alloc(room));
  const scratch = Buffer.alloc(room);
  const isRight = (given: string): boolean =>
    given.length <= room && timingSafeEqual(padded(given, scratch), expected);
  return (request) => {
    const given = /^bearer +([A-Za-z0-9+/=]+)$/i.exec(request.headers.authorization ?? "")?.[1];
    if (given === undefined) throw new HitagiError("UNAUTHORIZED");
    if (failed.guessing(request.ip)) throw new HitagiError("TOO_MANY_FAILED_KEYS");
    if (isRight(given)) return;
    const tooMany = failed.add(request.ip, createHash("sha256").update(given).digest("base64"));
    throw new HitagiError(tooMany ? "TOO_MANY_FAILED_KEYS" : "UNAUTHORIZED");
  };
};
