import path from "node:path";
import { HitagiError, includesScope } from "@hitagi/contract";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import ipaddr from "ipaddr.js";
import type { KeyHolder } from "../../keys/keys.ts";
import type { Services } from "../../services.ts";
import type { OpenedSession, Sessions } from "../../sessions/sessions.ts";
import { isFromAnotherSite } from "../origin.ts";
import { handle } from "../route.ts";
import { readSessionCookie, setSessionCookie } from "../session-cookie.ts";

const deviceOf = ({ headers }: FastifyRequest): string => headers["user-agent"] ?? "";

/** Whether a request comes from a program on this machine, and not through a proxy on it. */
const isOfThisMachine = ({ ip, headers }: FastifyRequest): boolean =>
  ipaddr.isValid(ip) &&
  ipaddr.process(ip).range() === "loopback" &&
  headers["x-forwarded-for"] === undefined &&
  headers.forwarded === undefined;

/** A guard has admitted the holder. */
const holderOf = ({ holder }: FastifyRequest): KeyHolder => {
  if (holder === null) throw new HitagiError("UNAUTHORIZED");
  return holder;
};

/** Signs browsers in and out. */
export const sessionRoutes = (
  app: FastifyInstance,
  { sessions, events, config }: Pick<Services, "config" | "events"> & { sessions: Sessions },
): void => {
  const answerWith = async (session: OpenedSession, request: FastifyRequest, reply: FastifyReply) => {
    reply.header("cache-control", "no-store");
    if (session.cookie !== undefined) setSessionCookie(request, reply, session.cookie, config);
    const eventsAfter = await events.position();
    return { session: session.info, csrf: session.csrf, eventsAfter, firstVisit: false, keyFile: null };
  };
  /** The session that the browser has had ends, so that none can be planted in it before its owner signs in. */
  const endPresent = async (request: FastifyRequest): Promise<void> => {
    const present = await sessions.find(readSessionCookie(request) ?? "");
    if (present) await sessions.end(present.info.id);
  };

  handle(app, "getSession", async (_input, { request, reply }) => {
    const cookie = isFromAnotherSite(request) ? undefined : readSessionCookie(request);
    const session = cookie === undefined ? undefined : await sessions.renew(cookie);
    if (session) return answerWith(session, request, reply);
    reply.header("cache-control", "no-store");
    const firstVisit = isOfThisMachine(request) && !(await sessions.wasUsed());
    const hasFile = firstVisit && config.apiKey === "";
    return {
      session: null,
      csrf: null,
      eventsAfter: null,
      firstVisit,
      keyFile: hasFile ? path.join(config.data, "api-key") : null,
    };
  });
  handle(app, "signIn", async (_input, { request, reply }) => {
    const holder = holderOf(request);
    // A session does not make another one: only a key does.
    if (holder.session !== undefined) throw new HitagiError("UNAUTHORIZED");
    await endPresent(request);
    return answerWith(await sessions.begin(holder, deviceOf(request)), request, reply);
  });
  handle(app, "acceptInvite", async ({ body }, { request, reply }) => {
    if (isFromAnotherSite(request)) throw new HitagiError("FOREIGN_ORIGIN");
    const session = await sessions.accept(body.code, deviceOf(request));
    await endPresent(request);
    request.holder = session.holder;
    return answerWith(session, request, reply);
  });
  handle(app, "signOut", async (_input, { request, reply }) => {
    const { session } = holderOf(request);
    if (session !== undefined) await sessions.end(session);
    setSessionCookie(request, reply, "", config);
    return { successMessage: "This browser is signed out." };
  });

  const visible = async (request: FastifyRequest) => {
    const { name, scope, session } = holderOf(request);
    const all = await sessions.list();
    return all
      .filter(({ key }) => key === name || includesScope(scope, "manage"))
      .map((one) => ({ ...one, current: one.id === session }));
  };
  handle(app, "listSessions", async (_input, { request }) => ({ sessions: await visible(request) }));
  handle(app, "endSession", async ({ params: { id } }, { request }) => {
    if (!(await visible(request)).some((one) => one.id === id))
      throw new HitagiError("SESSION_NOT_FOUND", { id });
    await sessions.end(id);
    return { successMessage: `The session ${id} has ended.` };
  });
  handle(app, "createInvite", async (_input, { request, reply }) => {
    const { code, expires } = await sessions.invite(holderOf(request));
    reply.header("cache-control", "no-store");
    const base = config.publicUrl === "" ? `${request.protocol}://${request.host}` : config.publicUrl;
    return { code, expires, address: new URL(`/invite#${code}`, base).href };
  });
};
