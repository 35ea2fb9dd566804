import { api, FIRST_KEY, HitagiError, type Route, type Scope } from "@hitagi/contract";
import type { FastifyInstance, FastifyRequest, onRequestHookHandler } from "fastify";
import type { Cluster } from "../cluster/types.ts";
import type { FirstKey } from "../keys/first-key.ts";
import type { KeyHolder } from "../keys/keys.ts";
import { isProof } from "../keys/server-proof.ts";
import type { LanraragiSettings } from "../plugins/lanraragi-settings.ts";
import type { Services } from "../services.ts";
import type { Sessions } from "../sessions/sessions.ts";
import { isStoreFault } from "../store/is-store-fault.ts";
import { checkScope, createAuth } from "./auth.ts";
import type { Limits } from "./limits.ts";
import { isFromAnotherSite } from "./origin.ts";
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

/** A caller without a key, where LANraragi asks for none either. */
const NO_KEY: KeyHolder = { name: "no key", scope: "manage" };

/**
 * Admits callers without a key to LANraragi's form of settings while the LANraragi on the same Redis has no password: it lets everyone
 * change the same records. All others are admitted as `guard` does.
 */
const settingsFormGuard = (
  { hasNoPassword }: Pick<LanraragiSettings, "hasNoPassword">,
  guard: onRequestHookHandler,
): onRequestHookHandler =>
  function (request, reply, done) {
    if (request.headers.authorization !== undefined || isFromAnotherSite(request))
      return guard.call(this, request, reply, done);
    const admit = async () => {
      if (await hasNoPassword()) request.holder = NO_KEY;
      else throw new HitagiError("UNAUTHORIZED");
    };
    void admit().then(() => done(), done);
  };

/** Admits those who know the token of a job to its state, and others as `guard` does. */
const jobGuard = ({ jobToken }: FirstKey, guard: onRequestHookHandler): onRequestHookHandler =>
  function (request, reply, done) {
    const { job } = request.params as { job: string };
    const { token } = request.query as { token?: unknown };
    if (typeof token === "string" && isProof(token, jobToken(Number(job)))) return done();
    return guard.call(this, request, reply, done);
  };

/** Adds the token of each queued job to the answer. */
const addJobTokens = (app: FastifyInstance, { jobToken }: FirstKey): void => {
  app.addHook("preSerialization", (_request, _reply, payload, done) => {
    const job = (payload as { job?: unknown } | null)?.job;
    done(null, typeof job === "number" ? { ...(payload as object), job_token: jobToken(job) } : payload);
  });
};

/**
 * Delays a request while this node's memory may be behind the other nodes.
 * @param isStoreless whether it is answered also while the store cannot be reached. Other keys than the first one, and sessions, are
 *   looked up in the store and do not get here then
 */
const freshnessGuard =
  ({ ensureFresh }: Cluster, authenticate: Authenticate, isStoreless: boolean): onRequestHookHandler =>
  (request, _reply, done) => {
    const refreshing = ensureFresh();
    if (!refreshing) return done();
    const refresh = async () => {
      try {
        await refreshing;
      } catch (error) {
        if (isStoreless && isStoreFault(error)) return;
        throw error;
      }
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
  {
    keys,
    cluster,
    config,
    lanraragiSettings,
  }: Pick<Services, "keys" | "cluster" | "config" | "lanraragiSettings">,
  sessions: Pick<Sessions, "find">,
  limits: Limits,
): void => {
  const authenticate = createAuth(firstKey, keys, sessions);
  const isFresh = (isStoreless: boolean) => freshnessGuard(cluster, authenticate, isStoreless);
  const hidesJobs = config.jobState === "key";
  if (hidesJobs) addJobTokens(app, firstKey);
  app.addHook("onRoute", (route) => {
    const { id, scope } = route.config ?? {};
    const call: Route | undefined = id && api[id];
    const guardOf = (needed: Scope): onRequestHookHandler =>
      route.url === api.savePluginForm.alias
        ? settingsFormGuard(lanraragiSettings, scopeGuard(authenticate, needed))
        : scopeGuard(authenticate, needed);
    const hasBody = route.method !== "GET" && route.method !== "HEAD";
    route.onRequest = [
      ...(scope === undefined ? [] : [guardOf(scope), isFresh(call?.storeless === true)]),
      ...(id === "getJob" && hidesJobs ? [jobGuard(firstKey, scopeGuard(authenticate, "read"))] : []),
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
