import { type Static, type TProperties, type TSchema, Type } from "typebox";
import type { Scope } from "../keys.ts";

/** The access to a call: open, or a key with this scope. */
type Access =
  | {
      /** Whether the call needs no key. */
      open: true;
      scope?: never;
    }
  | {
      open?: never;
      /** The scope that a key needs. */
      scope: Scope;
    };

/** The media types of answers that are files. */
export type FileMedia = "application/gzip" | "application/octet-stream" | "image/jpeg";

interface Call {
  method: "GET" | "POST" | "PUT" | "DELETE";
  /** The path, with `:name` for the parts in `params`. */
  path: string;
  /** A second path of the same call, where LANraragi has it outside of its API. */
  alias?: string;
  /** The name of the operation in failures; LANraragi's name if it has one. */
  operation: string;
  summary: string;
  tag:
    | "registries"
    | "catalog"
    | "plugins"
    | "archives"
    | "categories"
    | "jobs"
    | "schedules"
    | "notifications"
    | "keys"
    | "server";
  /** Each parameter has a description, as each of `query`. */
  params?: TSchema;
  query?: TSchema;
  /**
   * `fields`: urlencoded body. `file`: multipart with a part named `file` beside the fields of `body`.
   * `any`: fields alone, urlencoded or multipart.
   */
  form?: "fields" | "file" | "any";
  /** The media type of the 200 response, if it is not JSON. */
  media?: "text/event-stream" | "text/plain" | FileMedia;
  /** Whether it answers from the server's memory, so that the first key may call it while the store cannot be reached. */
  storeless?: true;
  /** The 200 response; for an event stream one message, for a file any text. */
  response: TSchema;
}

/** The body of a call, with an example for the API's document. A file is not part of the example. */
type Body =
  | {
      /** JSON, or a form if `form` is set. Each property has a description. */
      body: TSchema;
      example: Readonly<Record<string, unknown>>;
      /** Whether JSON may be left out. A body of another media type is ignored then: clients of LANraragi send all in the query. */
      optionalBody?: true;
    }
  | { body?: never; example?: never; optionalBody?: never };

/**
 * One call of the API. The server derives its validation, serialisation and access check from it, and the OpenAPI
 * document and the client derive from it too.
 */
export type Route = Call & Body & Access;

/** Keeps the literal types of a table of routes while checking its shape. */
export const routes = <const T extends Record<string, Route>>(table: T): T => table;

/** LANraragi's success envelope around the properties of a response. */
export const answer = <const O extends string, P extends TProperties>(operation: O, properties: P) =>
  Type.Object({
    operation: Type.Literal(operation),
    success: Type.Literal(1),
    error: Type.Union([Type.String(), Type.Null()]),
    ...properties,
  });

/** The job that a call has queued. */
export const queuedJob = {
  job: Type.Integer(),
  /** With HITAGI_JOB_STATE=key: shows the state of the job without a key, as `GET /api/minion/{job}?token=`. */
  job_token: Type.Optional(Type.String()),
};

/** The requested page of a list. */
export const pageQuery = {
  page: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 1_000_000_000,
      default: 1,
      description: "The page of the list, from 1.",
    }),
  ),
  size: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 200, default: 50, description: "The most items of a page." }),
  ),
};

/** One page of a list, with the total number of items. */
export const paged = <T extends TSchema>(item: T) => ({
  total: Type.Integer(),
  page: Type.Integer(),
  size: Type.Integer(),
  items: Type.Array(item),
});

/** The failure response: LANraragi's fields, plus `code` and `hint`. */
export const Failure = Type.Object({
  operation: Type.Optional(Type.String()),
  success: Type.Optional(Type.Literal(0)),
  error: Type.Optional(Type.String()),
  code: Type.Optional(Type.String()),
  hint: Type.Optional(Type.String()),
  /** The id of the archive that already exists. */
  id: Type.Optional(Type.String()),
  /** One entry for each validation error. */
  errors: Type.Optional(Type.Array(Type.Object({ path: Type.String(), message: Type.String() }))),
  status: Type.Optional(Type.Integer()),
});
export type Failure = Static<typeof Failure>;
