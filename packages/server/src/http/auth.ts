import { createHash } from "node:crypto";
import { FIRST_KEY, HitagiError, includesScope, type Scope } from "@hitagi/contract";
import type { FastifyRequest } from "fastify";
import type { FirstKey } from "../keys/first-key.ts";
import type { KeyHolder, Keys } from "../keys/types.ts";
import { createFailedKeys, type FailedKeys } from "./failed-keys.ts";

/** The text of a token in base64; undefined where it could be written otherwise, so that a key has one form. */
const textOf = (token: string): string | undefined => {
  const text = Buffer.from(token, "base64").toString("utf8");
  return Buffer.from(text, "utf8").toString("base64") === token ? text : undefined;
};

/** Who holds the server's first key, the one that LANraragi's clients know. */
const owner: KeyHolder = { name: FIRST_KEY, scope: "manage" };

/** @throws HitagiError SCOPE_NEEDED where a key is not allowed what a call asks for */
export const checkScope = (holder: KeyHolder, needed: Scope): void => {
  if (includesScope(holder.scope, needed)) return;
  throw new HitagiError("SCOPE_NEEDED", { needed, name: holder.name, scope: holder.scope });
};

/**
 * Checks the key of a request: `Authorization: Bearer <base64 of the API key>`, as LANraragi's clients send it. The
 * time that it takes says nothing of the key, and of its length only whether keys of 96, 192, 384 bytes are shorter.
 * The first key is compared without waiting for anything, because lists are asked for thousands of times a second.
 *
 * The key comes in a header that no browser sends by itself, and no answer allows another origin to read it. So a
 * page that a browser of this network shows can neither ride on its owner's rights nor, by a name that is made to
 * point here (DNS rebinding), do more than anybody who reaches the port: the open calls. That is why the Host header
 * is not held to a list of names, which would shut out whoever puts this server behind a name of their own.
 * @returns a function that answers who holds the key
 * @throws HitagiError UNAUTHORIZED, TOO_MANY_FAILED_KEYS, KEY_EXPIRED
 */
export const createAuth = (
  firstKey: Pick<FirstKey, "isTokenOf">,
  keys: Pick<Keys, "holderOf">,
  failed: FailedKeys = createFailedKeys(),
): ((request: FastifyRequest) => KeyHolder | Promise<KeyHolder>) => {
  const refuse = (request: FastifyRequest, token: string): never => {
    const tooMany = failed.add(request.ip, createHash("sha256").update(token).digest("base64"));
    throw new HitagiError(tooMany ? "TOO_MANY_FAILED_KEYS" : "UNAUTHORIZED");
  };
  const byName = async (request: FastifyRequest, token: string): Promise<KeyHolder> => {
    const text = textOf(token);
    const holder = text === undefined ? undefined : await keys.holderOf(text);
    return holder ?? refuse(request, token);
  };

  return (request) => {
    const token = /^bearer +([A-Za-z0-9+/=]+)$/i.exec(request.headers.authorization ?? "")?.[1];
    if (token === undefined) throw new HitagiError("UNAUTHORIZED");
    if (failed.guessing(request.ip)) throw new HitagiError("TOO_MANY_FAILED_KEYS");
    return firstKey.isTokenOf(token) ? owner : byName(request, token);
  };
};
