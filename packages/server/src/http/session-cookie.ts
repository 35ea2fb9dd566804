import type { FastifyReply, FastifyRequest } from "fastify";
import type { Config } from "../config/config.ts";
import { IDLE_FOR } from "../sessions/sessions.ts";

/** Cookies belong to a host with all its ports, so that the name has the port: two servers on one machine have a session each. */
const nameOf = ({ host }: FastifyRequest): string => {
  const port = /:(\d+)$/.exec(host)?.[1];
  return port === undefined ? "hitagi_session" : `hitagi_session_${port}`;
};

/** The session's cookie of a request; undefined if it has none. */
export const readSessionCookie = (request: FastifyRequest): string | undefined => {
  const { cookie } = request.headers;
  if (cookie === undefined) return undefined;
  const name = `${nameOf(request)}=`;
  return cookie
    .split(";")
    .map((part) => part.trim())
    .find((part) => part.startsWith(name))
    ?.slice(name.length);
};

/** Whether the page is reached by the public address, and that is one of https. */
const isSecure = ({ host }: FastifyRequest, publicUrl: string): boolean =>
  URL.canParse(publicUrl) && new URL(publicUrl).protocol === "https:" && new URL(publicUrl).host === host;

/** Sets the session's cookie: scripts cannot read it, and no request of another site has it. An empty value removes it. */
export const setSessionCookie = (
  request: FastifyRequest,
  reply: FastifyReply,
  value: string,
  { publicUrl }: Pick<Config, "publicUrl">,
): void => {
  const secure = isSecure(request, publicUrl) ? "; Secure" : "";
  const age = value === "" ? 0 : IDLE_FOR;
  reply.header(
    "set-cookie",
    `${nameOf(request)}=${value}; Path=/; Max-Age=${age}; HttpOnly; SameSite=Strict${secure}`,
  );
};
