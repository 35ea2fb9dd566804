import type { FastifyRequest } from "fastify";

/** Whether a browser sent a request for a page of another origin. Other programs send neither header. */
export const isFromAnotherSite = ({ headers, host }: Pick<FastifyRequest, "headers" | "host">): boolean => {
  const { origin, "sec-fetch-site": site = "none" } = headers;
  const isOther = origin !== undefined && (!URL.canParse(origin) || new URL(origin).host !== host);
  return isOther || (site !== "none" && site !== "same-origin");
};
