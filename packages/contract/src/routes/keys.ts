import { Type } from "typebox";
import { KeyInfo, KeyName, Scope } from "../keys.ts";
import { LAST_EPOCH, Nullable } from "../scalars.ts";
import { answer, routes } from "./route.ts";

export const keyRoutes = routes({
  proveKey: {
    method: "GET",
    path: "/api/keys/proof",
    operation: "prove_key",
    summary:
      "Prove that this server has an API key, so that a client need not send it to another program: HMAC-SHA-256 over the " +
      "client's nonce. Null where it has no such key",
    tag: "keys",
    open: true,
    query: Type.Object({
      nonce: Type.String({
        pattern: "^[0-9a-f]{32,128}$",
        description: "At least 128 random bits in hex.",
      }),
      id: Type.Optional(
        Type.String({
          pattern: "^[0-9a-f]{16}$",
          description: "The public part of a named key; absent for the server's own key.",
        }),
      ),
    }),
    response: answer("prove_key", {
      /** The salt of scrypt (N 32768, r 8, p 1, 32 bytes) for a short key; null if its SHA-256 is used. */
      salt: Nullable(Type.String()),
      /** In hex. */
      proof: Nullable(Type.String()),
    }),
  },
  listKeys: {
    method: "GET",
    path: "/api/keys",
    operation: "list_keys",
    summary: "The named keys, oldest first, without the keys themselves",
    tag: "keys",
    scope: "manage",
    response: answer("list_keys", { keys: Type.Array(KeyInfo) }),
  },
  createKey: {
    method: "POST",
    path: "/api/keys",
    operation: "create_key",
    summary: "Make a key; only this response shows it",
    tag: "keys",
    scope: "manage",
    body: Type.Object(
      {
        name: KeyName,
        scope: Scope,
        expires: Type.Optional(
          Type.Integer({
            minimum: 0,
            maximum: LAST_EPOCH,
            description: "Epoch seconds from which on it is refused; never where absent.",
          }),
        ),
      },
      { additionalProperties: false },
    ),
    example: { name: "reader", scope: "read" },
    response: answer("create_key", {
      info: KeyInfo,
      /** What a request sends in base64 as `Authorization: Bearer`. */
      key: Type.String(),
    }),
  },
  rotateKey: {
    method: "POST",
    path: "/api/keys/rotate",
    operation: "rotate_key",
    summary:
      "Give this server, and all that share its store, another key of their own; the one before is refused when this returns",
    tag: "keys",
    scope: "manage",
    response: answer("rotate_key", {
      /** What a request sends in base64 as `Authorization: Bearer`. */
      key: Type.String(),
    }),
  },
  revokeKey: {
    method: "DELETE",
    path: "/api/keys/:name",
    operation: "revoke_key",
    summary: "Revoke a key; the next request with it is refused",
    tag: "keys",
    scope: "manage",
    params: Type.Object({ name: KeyName }),
    response: answer("revoke_key", { successMessage: Type.String() }),
  },
});
