import { FIRST_KEY, type Scope } from "@hitagi/contract";
import type { FastifyInstance, FastifyRequest, onRequestHookHandler } from "fastify";
import type { Cluster } from "../cluster/types.ts";
import type { FirstKey } from "../keys/first-key.ts";
import type { KeyHolder } from "../keys/keys.ts";
import type { Services } from "../services.ts";
import { checkScope, createAuth } from "./auth.ts";
import type { Limits } from "./limits.ts";
import { checkMediaType, fillBody, limitBodyTime } from "./request-body.ts";

type Authenticate = ReturnType<typeof createAuth>;

/** Notes the holder first, so that the history also names the holder of a key without the scope. */
const authorize = (request: FastifyRequest, holder: KeyHolder, scope: Scope): void => {
  request.holder = holder;
  checkScope(holder, scope);
};

/** Admits the holders of a scope. It is made for each route, because reading the route from a request costs more. */
const scopeGuard =
  (authenticate: Authenticate, scope: Scope): onRequestHookHandler =>
  (request, _reply, done) => {
    const holder = authenticate(request);
    if (holder instanceof Promise) {
      return void holder.then((found) => authorize(request, found, scope)).then(() => done(), done);
    }
    authorize(request, holder, scope);
    done();
  };

/** Delays a request while this node's memory may be behind the other nodes. */
const freshnessGuard =
  ({ ensureFresh }: Cluster, authenticate: Authenticate): onRequestHookHandler =>
  (request, _reply, done) => {
    const refreshing = ensureFresh();
    if (!refreshing) return done();
    const refresh = async () => {
      await refreshing;
      // The first key is in memory and may have been replaced.
      if (request.holder?.name === FIRST_KEY) await authenticate(request);
    };
    void refresh().then(() => done(), done);
  };

const mediaTypeGuard: onRequestHookHandler = (request, _reply, done) => {
  checkMediaType(request);
  done();
};

/** Sets up the checks before an operation: key, scope, freshness, and those of a body where there may be one. */
export const setUpGuards = (
  app: FastifyInstance,
  firstKey: FirstKey,
  { keys, cluster, config }: Pick<Services, "keys" | "cluster" | "config">,
  limits: Limits,
): void => {
  const authenticate = createAuth(firstKey, keys);
  const isFresh = freshnessGuard(cluster, authenticate);
  app.addHook("onRoute", (route) => {
    const { id, scope = id === "getJob" && config.jobState === "key" ? "read" : undefined } =
      route.config ?? {};
    const hasBody = route.method !== "GET" && route.method !== "HEAD";
    route.onRequest = [
      ...(scope === undefined ? [] : [scopeGuard(authenticate, scope), isFresh]),
      ...(hasBody ? [mediaTypeGuard] : []),
    ];
    if (!hasBody) return;
    route.preParsing = (request, reply, _payload, done) => {
      limitBodyTime(request, reply, limits.bodyMs);
      done();
    };
    route.preValidation = (request, _reply, done) => {
      fillBody(request);
      done();
    };
  });
};
