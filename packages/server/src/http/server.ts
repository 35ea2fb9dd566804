import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from "fastify";
import type { Logger } from "pino";
import { epochSeconds } from "../clock.ts";
import { pageFolder } from "../config/config.ts";
import type { FirstKey } from "../keys/first-key.ts";
import type { Services } from "../services.ts";
import { createSessions } from "../sessions/sessions.ts";
import { setUpHostCheck } from "./allowed-hosts.ts";
import { createClientErrorHandler, MAX_HEADER_BYTES } from "./client-errors.ts";
import { sendError, setUpErrors } from "./errors.ts";
import { setUpGuards } from "./guards.ts";
import { defaultLimits, type Limits } from "./limits.ts";
import { noCompilers } from "./no-compilers.ts";
import { createOpenStreams } from "./open-streams.ts";
import { recordHistory } from "./record-history.ts";
import { acceptRegistryNames } from "./registry-names.ts";
import { createRequestIds, pathOf } from "./request.ts";
import { limitUnreadBody, setUpBodyParsers } from "./request-body.ts";
import { childLoggerFactory } from "./request-log.ts";
import { allPolicyRoutes } from "./routes/all-policies.ts";
import { archiveFileRoutes } from "./routes/archive-files.ts";
import { archiveRoutes } from "./routes/archives.ts";
import { batchRoutes } from "./routes/batches.ts";
import { blockListRoutes } from "./routes/block-lists.ts";
import { catalogRoutes } from "./routes/catalog.ts";
import { categoryRoutes } from "./routes/categories.ts";
import { chainRoutes } from "./routes/chain.ts";
import { setUpDocs } from "./routes/docs.ts";
import { eventRoutes } from "./routes/events.ts";
import { formRoutes } from "./routes/forms.ts";
import { healthRoutes } from "./routes/health.ts";
import { historyRoutes } from "./routes/history.ts";
import { installPolicyRoutes } from "./routes/install-policy.ts";
import { installRoutes } from "./routes/installs.ts";
import { jobRoutes } from "./routes/jobs.ts";
import { keyRoutes } from "./routes/keys.ts";
import { lockfileRoutes } from "./routes/lockfile.ts";
import { metricsRoute, timeRequests } from "./routes/metrics.ts";
import { notificationRoutes } from "./routes/notifications.ts";
import { pageRoutes } from "./routes/page.ts";
import { pluginLogRoutes } from "./routes/plugin-logs.ts";
import { pluginRoutes } from "./routes/plugins.ts";
import { policyRoutes } from "./routes/policy.ts";
import { registryRoutes } from "./routes/registries.ts";
import { registryTrustRoutes } from "./routes/registry-trust.ts";
import { restoreRoutes } from "./routes/restores.ts";
import { scheduleRoutes } from "./routes/schedules.ts";
import { serverRoutes } from "./routes/server.ts";
import { serverLogRoutes } from "./routes/server-log.ts";
import { sessionRoutes } from "./routes/sessions.ts";
import { thumbnailRoutes } from "./routes/thumbnails.ts";
import { updateChoiceRoutes } from "./routes/update-choices.ts";
import { updatePolicyRoutes } from "./routes/update-policy.ts";
import { useRoutes } from "./routes/use.ts";
import { createSerializers } from "./serialization.ts";
import { setUpShutdown } from "./shutdown.ts";
import { limitUnreadAnswers } from "./unread-answers.ts";
import { createChecks } from "./validation.ts";

const create = (services: Services, limits: Limits): FastifyInstance => {
  const app = Fastify({
    loggerInstance: services.log as FastifyBaseLogger,
    // One log line for each response, below, instead of Fastify's two.
    logController: new LogController({ disableRequestLogging: true }),
    childLoggerFactory,
    schemaController: noCompilers,
    genReqId: createRequestIds(),
    bodyLimit: limits.bodyBytes,
    requestTimeout: limits.requestMs,
    http: { headersTimeout: limits.headersMs, maxHeaderSize: MAX_HEADER_BYTES },
    clientErrorHandler: createClientErrorHandler(limits.headersMs),
    routerOptions: { maxParamLength: 1024 },
    // For these, Fastify calls no hooks.
    frameworkErrors: (error, request, reply) => {
      reply.raw.once("finish", () => limitUnreadBody(request, limits.lingerMs));
      sendError(error, request, reply);
    },
  });
  // An unknown expectation may be ignored (RFC 9110 §10.1.1). Node would answer 417, and read the body for hours.
  app.server.on("checkExpectation", app.routing);
  return app;
};

/** Adds the common headers and one log line to every response. */
const setUpHeadersAndLog = (app: FastifyInstance, log: Logger, { lingerMs }: Limits): void => {
  app.addHook("onRequest", (request, reply, done) => {
    reply.header("x-request-id", request.id).header("x-content-type-options", "nosniff");
    done();
  });
  app.addHook("onResponse", (request, reply, done) => {
    limitUnreadBody(request, lingerMs);
    const { method } = request;
    const level = method === "GET" && reply.statusCode < 400 ? "debug" : "info";
    if (log.isLevelEnabled(level)) {
      const ms = Math.round(reply.elapsedTime);
      request.log[level]({ method, path: pathOf(request), status: reply.statusCode, ms }, "answered");
    }
    done();
  });
};

/** Builds the HTTP server for every operation of the contract. It does not listen: tests inject requests. */
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
  app.decorateRequest("holder", null);
  setUpHeadersAndLog(app, services.log, limits);
  setUpHostCheck(app, services.config);
  setUpErrors(app);
  setUpShutdown(app);
  limitUnreadAnswers(app, limits);
  setUpDocs(app);
  const { documents, keys } = services;
  const sessions = createSessions({ documents, keys, firstKey, now: epochSeconds });
  await app.register(async (operations) => {
    setUpGuards(operations, firstKey, services, sessions, limits);
    acceptRegistryNames(operations, services.registries);
    await setUpBodyParsers(operations, limits);
    recordHistory(operations, services.history);
    timeRequests(operations, services.metrics);
    registryRoutes(operations, services);
    registryTrustRoutes(operations, services);
    catalogRoutes(operations, services);
    pluginRoutes(operations, services, serializers);
    installRoutes(operations, services);
    updateChoiceRoutes(operations, services);
    updatePolicyRoutes(operations, services);
    installPolicyRoutes(operations, services);
    lockfileRoutes(operations, services);
    blockListRoutes(operations, services);
    useRoutes(operations, services);
    policyRoutes(operations, services);
    allPolicyRoutes(operations, services);
    chainRoutes(operations, services);
    archiveRoutes(operations, services);
    archiveFileRoutes(operations, services);
    thumbnailRoutes(operations, services);
    categoryRoutes(operations, services);
    jobRoutes(operations, services);
    batchRoutes(operations, services);
    restoreRoutes(operations, services);
    scheduleRoutes(operations, services);
    notificationRoutes(operations, services);
    keyRoutes(operations, { ...services, firstKey, sessions });
    sessionRoutes(operations, { ...services, sessions });
    const streams = createOpenStreams(operations, { ...services, firstKey, sessions }, limits);
    eventRoutes(operations, services, streams);
    pluginLogRoutes(operations, services, streams);
    serverLogRoutes(operations, services, streams);
    historyRoutes(operations, services);
    serverRoutes(operations, services);
    healthRoutes(operations, services, serializers);
    metricsRoute(operations, services);
    await operations.register((forms) => formRoutes(forms, services, checks, limits));
  });
  pageRoutes(app, pageFolder());
  await app.ready();
  return app;
};
