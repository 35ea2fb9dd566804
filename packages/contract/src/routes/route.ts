import { type Static, type TProperties, type TSchema, Type } from "typebox";
import type { Scope } from "../keys.ts";

/** Who may make a call: anybody where it is open, else whoever has a key of this scope. */
type Access =
  | {
      /** Whether the call answers without a key. */
      open: true;
      scope?: never;
    }
  | {
      open?: never;
      /** What a key must be allowed for this call. */
      scope: Scope;
    };

interface Shape {
  method: "GET" | "POST" | "PUT" | "DELETE";
  /** With `:name` for the parts that `params` describes. */
  path: string;
  /** The operation that failures name; LANraragi's word where it has one. */
  operation: string;
  summary: string;
  tag: "registries" | "catalog" | "plugins" | "archives" | "jobs" | "keys" | "server";
  params?: TSchema;
  query?: TSchema;
  /** JSON, or a form where `form` says so. */
  body?: TSchema;
  /**
   * `fields`: urlencoded body. `file`: multipart with a part named `file` beside the fields of `body`.
   * `any`: fields alone, urlencoded or multipart.
   */
  form?: "fields" | "file" | "any";
  /** The media type of the 200 answer, where that is not JSON. */
  media?: "text/event-stream" | "text/plain" | "application/gzip" | "application/octet-stream";
  /** The 200 answer; of a stream of events, one message; of a file, its bytes as text of no meaning. */
  response: TSchema;
}

/**
 * One call of the API. The server takes its validation, its serialisation and the scope that it asks for from it, the
 * OpenAPI document its text, and the client its types.
 */
export type Route = Shape & Access;

/** Keeps the literal types of a table of routes while checking its shape. */
export const routes = <const T extends Record<string, Route>>(table: T): T => table;

/** LANraragi's success envelope around the properties of an answer. */
export const answer = <const O extends string, P extends TProperties>(operation: O, properties: P) =>
  Type.Object({
    operation: Type.Literal(operation),
    success: Type.Literal(1),
    error: Type.Union([Type.String(), Type.Null()]),
    ...properties,
  });

/** The page of a long list that a call wants: `page` from 1, `size` at most 200. */
export const pageQuery = {
  page: Type.Optional(Type.Integer({ minimum: 1, default: 1 })),
  size: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, default: 50 })),
};

/** One page of a long list, and how long the whole is. */
export const paged = <T extends TSchema>(item: T) => ({
  total: Type.Integer(),
  page: Type.Integer(),
  size: Type.Integer(),
  items: Type.Array(item),
});

/** What every failure answers: LANraragi's fields, with `code` and `hint` added. */
export const Failure = Type.Object({
  operation: Type.Optional(Type.String()),
  success: Type.Optional(Type.Literal(0)),
  error: Type.Optional(Type.String()),
  code: Type.Optional(Type.String()),
  hint: Type.Optional(Type.String()),
  /** The archive that already exists, where that is the failure. */
  id: Type.Optional(Type.String()),
  /** One entry a fault, where the request itself is not valid. */
  errors: Type.Optional(Type.Array(Type.Object({ path: Type.String(), message: Type.String() }))),
  status: Type.Optional(Type.Integer()),
});
export type Failure = Static<typeof Failure>;
