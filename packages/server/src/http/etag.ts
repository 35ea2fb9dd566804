import { createHash } from "node:crypto";

/** The entity tag of a body. */
export const etagOf = (body: Buffer): string =>
  `"${createHash("sha256").update(body).digest("base64url").slice(0, 22)}"`;

/** Whether the client has the body of an entity tag: If-None-Match names it, weak or not, or any (RFC 9110 §13.1.2). */
export const isKnown = (ifNoneMatch: string | undefined, etag: string): boolean =>
  ifNoneMatch !== undefined &&
  (ifNoneMatch === etag ||
    ifNoneMatch.split(",").some((one) => {
      const tag = one.trim();
      return tag === "*" || tag.replace(/^W\//, "") === etag;
    }));
