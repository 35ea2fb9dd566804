import type { OperationId, Route, Scope } from "@hitagi/contract";
import type { FastifyRequest } from "fastify";
import type { KeyHolder } from "../keys/types.ts";

/** The kinds of body that a call takes. */
export type Takes = "nothing" | "json" | "fields" | "file" | "any";

declare module "fastify" {
  interface FastifyContextConfig {
    id?: OperationId;
    operation?: string;
    /** What a key must be allowed; undefined for a call that is open. */
    scope?: Scope;
    takes?: Takes;
  }
  interface FastifyRequest {
    /** Whose key the request brought; null where it needs none. */
    holder: KeyHolder | null;
    /** The code that its answer names; null where it is none of failure. */
    failure: string | null;
    /** What a call that may change something answers, before it is written as JSON. */
    answer: unknown;
  }
}

/** What kind of body a route of the contract takes. */
export const takesOf = (route: Route): Takes => route.form ?? (route.body ? "json" : "nothing");

/** A request's path without its query, whose values are arguments and addresses that no log should keep. */
export const pathOf = ({ url }: Pick<FastifyRequest, "url">): string => url.split("?", 1)[0] ?? "";

/** The operation that a failure of this request names; `unknown` outside the contract. */
export const operationOf = (request: FastifyRequest): string =>
  request.routeOptions.config.operation ?? "unknown";
