import { randomBytes } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Actor, HistoryDetails, OperationId, Scope } from "@hitagi/contract";
import type { FastifyRequest } from "fastify";
import type { KeyHolder } from "../keys/keys.ts";

/** The kinds of request body: `multipart` has one file, `form` is fields alone in either form encoding. */
export type BodyKind = "none" | "json" | "optional" | "urlencoded" | "multipart" | "form";

declare module "fastify" {
  interface FastifyContextConfig {
    id?: OperationId;
    operation?: string;
    /** The scope that a key needs; undefined for a public operation. */
    scope?: Scope;
    bodyKind?: BodyKind;
  }
  interface FastifyRequest {
    /** The holder of the request's key; null for a public operation. */
    holder: KeyHolder | null;
    /** The error code of the response; null where the request succeeded. */
    errorCode: string | null;
    /** The response of an operation that may change something, before it is serialized. */
    responseBody: unknown;
    /** What the handler knows of the change that the request made. */
    changeDetails: HistoryDetails | undefined;
    /** The name of what the request removes, before it does. */
    removedName: string | undefined;
  }
}

/** A request's path without the query, whose values (arguments, addresses) must not be logged. */
export const pathOf = ({ url }: Pick<FastifyRequest, "url">): string => url.split("?", 1)[0] ?? "";

/** The operation that an error response names; `unknown` outside the contract. */
export const operationOf = (request: FastifyRequest): string =>
  request.routeOptions.config.operation ?? "unknown";

/** The user agent of the command line. It proves nothing: every holder of a key can send it. */
const CLI = /^hitagi-cli\//;

/** The holder of the request's key, on the command line or in another program. */
export const actorOf = ({ headers, holder }: FastifyRequest): Actor => ({
  kind: CLI.test(headers["user-agent"] ?? "") ? "cli" : "api",
  key: holder?.name ?? null,
});

const VALID_ID = /^[A-Za-z0-9._:-]{1,64}$/;

/** Makes request ids: the client's valid `x-request-id`, or the next of a series with a random prefix. */
export const createRequestIds = (): ((request: Pick<IncomingMessage, "headers">) => string) => {
  const prefix = randomBytes(6).toString("hex");
  let count = 0;
  return (request) => {
    const id = request.headers["x-request-id"];
    if (typeof id === "string" && VALID_ID.test(id)) return id;
    count += 1;
    return `${prefix}-${count}`;
  };
};
