import { FIRST_KEY, type Scope } from "@hitagi/contract";
import Fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyRequest,
  LogController,
  type onRequestHookHandler,
} from "fastify";
import type { Logger } from "pino";
import type { Cluster } from "../cluster/types.ts";
import type { FirstKey } from "../keys/first-key.ts";
import type { KeyHolder } from "../keys/types.ts";
import type { Services } from "../services.ts";
import { checkScope, createAuth } from "./auth.ts";
import { checkMediaType, fillBody, setUpBodies } from "./bodies.ts";
import { createClientErrorHandler, MAX_HEADER_BYTES } from "./client-errors.ts";
import { setUpClosing } from "./closing.ts";
import { watchBody } from "./deadlines.ts";
import { sendFailure, setUpErrors } from "./errors.ts";
import { defaultLimits, type Limits } from "./limits.ts";
import { recordCalls } from "./record-calls.ts";
import { createRequestIds } from "./request-id.ts";
import { pathOf } from "./route-config.ts";
import { archiveFileRoutes } from "./routes/archive-files.ts";
import { archiveRoutes } from "./routes/archives.ts";
import { backupRoutes } from "./routes/backup.ts";
import { batchRoutes } from "./routes/batches.ts";
import { catalogRoutes } from "./routes/catalog.ts";
import { setUpDocs } from "./routes/docs.ts";
import { eventRoutes } from "./routes/events.ts";
import { formRoutes } from "./routes/forms.ts";
import { healthRoutes } from "./routes/health.ts";
import { historyRoutes } from "./routes/history.ts";
import { infoRoutes } from "./routes/info.ts";
import { installRoutes } from "./routes/installs.ts";
import { jobRoutes } from "./routes/jobs.ts";
import { keyRoutes } from "./routes/keys.ts";
import { metricsRoute, timeCalls } from "./routes/metrics.ts";
import { pluginRoutes } from "./routes/plugins.ts";
import { registryRoutes } from "./routes/registries.ts";
import { useRoutes } from "./routes/use.ts";
import { welcomeRoute } from "./routes/welcome.ts";
import { createSerializers } from "./serialization.ts";
import { createChecks } from "./validation.ts";

const create = (services: Services, limits: Limits): FastifyInstance =>
  Fastify({
    loggerInstance: services.log as FastifyBaseLogger,
    // One line an answer, below, instead of Fastify's two.
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: createRequestIds(),
    bodyLimit: limits.bodyBytes,
    requestTimeout: limits.requestMs,
    http: { headersTimeout: limits.headersMs, maxHeaderSize: MAX_HEADER_BYTES },
    clientErrorHandler: createClientErrorHandler(limits.headersMs),
    routerOptions: { maxParamLength: 1024 },
    frameworkErrors: (error, request, reply) => {
      sendFailure(error, request, reply);
    },
  });

/** What every answer carries, and the log line that every answer leaves. */
const setUpHeadersAndLog = (app: FastifyInstance, log: Logger): void => {
  app.addHook("onRequest", (request, reply, done) => {
    reply.header("x-request-id", request.id).header("x-content-type-options", "nosniff");
    done();
  });
  app.addHook("onResponse", (request, reply, done) => {
    const { method } = request;
    const level = method === "GET" && reply.statusCode < 400 ? "debug" : "info";
    if (log.isLevelEnabled(level)) {
      const ms = Math.round(reply.elapsedTime);
      request.log[level]({ method, path: pathOf(request), status: reply.statusCode, ms }, "answered");
    }
    done();
  });
};

/** Lets a request in: whose it is is known from here on, also where its key is not allowed this. */
const admit = (request: FastifyRequest, holder: KeyHolder, scope: Scope): void => {
  request.holder = holder;
  checkScope(holder, scope);
};

/** Lets in who may make a call that asks for a scope. It is made for each route: to ask a request for its costs more. */
const guardFor =
  (authenticate: ReturnType<typeof createAuth>, scope: Scope): onRequestHookHandler =>
  (request, _reply, done) => {
    const holder = authenticate(request);
    if (holder instanceof Promise) {
      return void holder.then((found) => admit(request, found, scope)).then(() => done(), done);
    }
    admit(request, holder, scope);
    done();
  };

const mediaTypeGuard: onRequestHookHandler = (request, _reply, done) => {
  checkMediaType(request);
  done();
};

/** Holds a call back while what this node has in memory may not be what the others have. */
const currentGuard =
  ({ ensureFresh }: Cluster, authenticate: ReturnType<typeof createAuth>): onRequestHookHandler =>
  (request, _reply, done) => {
    const looking = ensureFresh();
    if (!looking) return done();
    // The first key was compared with what is in memory: it may be another one by now.
    const again = async () => {
      await looking;
      if (request.holder?.name === FIRST_KEY) await authenticate(request);
    };
    void again().then(() => done(), done);
  };

/** Checks that come before the body of a call of the contract is read; the last ones only where one may come. */
const setUpGuards = (
  app: FastifyInstance,
  firstKey: FirstKey,
  { keys, cluster }: Pick<Services, "keys" | "cluster">,
  limits: Limits,
): void => {
  const authenticate = createAuth(firstKey, keys);
  const isCurrent = currentGuard(cluster, authenticate);
  app.decorateRequest("holder", null);
  app.addHook("onRoute", (route) => {
    const { scope } = route.config ?? {};
    const hasBody = route.method !== "GET" && route.method !== "HEAD";
    route.onRequest = [
      ...(scope === undefined ? [] : [guardFor(authenticate, scope), isCurrent]),
      ...(hasBody ? [mediaTypeGuard] : []),
    ];
    if (!hasBody) return;
    route.preParsing = (request, reply, _payload, done) => {
      watchBody(request, reply, limits.bodyMs);
      done();
    };
    route.preValidation = (request, _reply, done) => {
      fillBody(request);
      done();
    };
  });
};

/**
 * Builds the HTTP side: every call of the contract, its description, and the page at `/`. It does not listen; tests
 * inject into it and `hitagi serve` listens.
 */
export const createHttpServer = async (
  services: Services,
  firstKey: FirstKey,
  limits: Limits = defaultLimits,
): Promise<FastifyInstance> => {
  const app = create(services, limits);
  const checks = createChecks();
  const serializers = createSerializers();
  app.setValidatorCompiler(({ schema, httpPart }) => {
    const part = httpPart === "params" || httpPart === "querystring" ? httpPart : "body";
    const check = checks(schema as object, part);
    return (value: unknown) => ({ error: check(value) });
  });
  app.setSerializerCompiler(({ schema }) => serializers(schema as object));
  setUpErrors(app);
  setUpHeadersAndLog(app, services.log);
  setUpClosing(app);
  await setUpDocs(app);
  await app.register(async (calls) => {
    setUpGuards(calls, firstKey, services, limits);
    await setUpBodies(calls, limits);
    recordCalls(calls, services.history);
    timeCalls(calls, services.metrics);
    registryRoutes(calls, services);
    catalogRoutes(calls, services);
    pluginRoutes(calls, services, serializers);
    installRoutes(calls, services);
    useRoutes(calls, services);
    batchRoutes(calls, services);
    archiveRoutes(calls, services);
    archiveFileRoutes(calls, services);
    jobRoutes(calls, services);
    keyRoutes(calls, { ...services, firstKey });
    eventRoutes(calls, { ...services, firstKey }, limits);
    historyRoutes(calls, services);
    backupRoutes(calls, services);
    infoRoutes(calls, services);
    healthRoutes(calls, services, serializers);
    metricsRoute(calls, services);
    await calls.register((forms) => formRoutes(forms, services, checks, limits));
  });
  welcomeRoute(app);
  await app.ready();
  return app;
};
