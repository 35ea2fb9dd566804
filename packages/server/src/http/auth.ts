import { CSRF_HEADER, FIRST_KEY, HitagiError, includesScope, type Scope } from "@hitagi/contract";
import type { FastifyRequest } from "fastify";
import type { FirstKey } from "../keys/first-key.ts";
import type { KeyHolder, Keys } from "../keys/keys.ts";
import { isProof } from "../keys/server-proof.ts";
import type { Sessions } from "../sessions/sessions.ts";
import { createFailedKeys, type FailedKeys } from "./failed-keys.ts";
import { isFromAnotherSite } from "./origin.ts";
import { readSessionCookie } from "./session-cookie.ts";

/** Decodes a base64 token; undefined unless it is the canonical encoding, so that a key has one form. */
const decodeToken = (token: string): string | undefined => {
  const text = Buffer.from(token, "base64").toString("utf8");
  return Buffer.from(text, "utf8").toString("base64") === token ? text : undefined;
};

/** The holder of the server's first key, which LANraragi's clients use. */
const owner: KeyHolder = { name: FIRST_KEY, scope: "manage" };

/** @throws HitagiError SCOPE_NEEDED where the scope of a key does not include the needed one */
export const checkScope = (holder: KeyHolder, needed: Scope): void => {
  if (includesScope(holder.scope, needed)) return;
  throw new HitagiError("SCOPE_NEEDED", { needed, name: holder.name, scope: holder.scope });
};

const READS = new Set(["GET", "HEAD"]);

/**
 * The holder of the session in a request's cookie. A browser sends cookies by itself, so that a request from a page of another site is
 * refused, and one that may change something needs the session's token, which only this server's own page can read.
 * @throws HitagiError UNAUTHORIZED, FOREIGN_ORIGIN, CSRF_TOKEN_NEEDED
 */
const sessionHolder = async (
  request: FastifyRequest,
  cookie: string,
  sessions: Pick<Sessions, "find">,
): Promise<KeyHolder> => {
  if (isFromAnotherSite(request)) throw new HitagiError("FOREIGN_ORIGIN");
  const session = await sessions.find(cookie);
  if (!session) throw new HitagiError("UNAUTHORIZED");
  if (READS.has(request.method)) return session.holder;
  const token = request.headers[CSRF_HEADER];
  if (typeof token === "string" && isProof(token, session.csrf)) return session.holder;
  throw new HitagiError("CSRF_TOKEN_NEEDED");
};

/**
 * Checks the key of a request: `Authorization: Bearer <base64 of the API key>`, as LANraragi's clients send it. The
 * comparison takes the same time for every key. That of the first key is synchronous, because clients read lists
 * thousands of times a second.
 *
 * No browser sends this header by itself, and no response allows another origin to read it. So a web page cannot use the
 * owner's rights. Without the header, the cookie of a session is checked.
 * @returns a function that returns the holder of a request's key
 * @throws HitagiError UNAUTHORIZED, TOO_MANY_FAILED_KEYS, KEY_EXPIRED, FOREIGN_ORIGIN, CSRF_TOKEN_NEEDED
 */
export const createAuth = (
  firstKey: Pick<FirstKey, "isTokenOf">,
  keys: Pick<Keys, "holderOf">,
  sessions: Pick<Sessions, "find">,
  failed: FailedKeys = createFailedKeys(),
): ((request: FastifyRequest) => KeyHolder | Promise<KeyHolder>) => {
  const namedHolder = async ({ ip }: FastifyRequest, token: string): Promise<KeyHolder> => {
    const text = decodeToken(token);
    const holder = text === undefined ? undefined : await keys.holderOf(text);
    if (holder) return holder;
    throw new HitagiError((await failed.add(ip)) ? "TOO_MANY_FAILED_KEYS" : "UNAUTHORIZED");
  };

  return (request) => {
    const cookie = request.headers.authorization === undefined ? readSessionCookie(request) : undefined;
    if (cookie !== undefined) return sessionHolder(request, cookie, sessions);
    const token = /^bearer +([A-Za-z0-9+/=]+)$/i.exec(request.headers.authorization ?? "")?.[1];
    if (token === undefined) throw new HitagiError("UNAUTHORIZED");
    return firstKey.isTokenOf(token) ? owner : namedHolder(request, token);
  };
};
