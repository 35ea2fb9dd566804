import { type ErrorCode, errorTable } from "@hitagi/contract";

export const API_KEY = "chaos";
const authorization = `Bearer ${Buffer.from(API_KEY).toString("base64")}`;

/** The response header in which the load balancer names the node. */
export const ANSWERED_BY = "x-answered-by";

export interface CallRequest {
  method: "GET" | "POST" | "PUT" | "DELETE";
  /** With the query. */
  path: string;
  body?: unknown;
}

/**
 * How a call ended.
 * - `ok`: by its status and by `success`
 * - `refused`: it was shown no, and nothing was or will be done
 * - `unavailable`: an error says clearly that this could not be served now; a change may have been made or not
 * - `unclear`: an error that says nothing of the kind, which no client can act on
 */
export interface Answer {
  verdict: "ok" | "refused" | "unavailable" | "unclear";
  /** The error's code, or the status where it has none, or why there was no answer. */
  reason: string;
  body: Record<string, unknown>;
  /** The node that answered; empty where none did. */
  node: string;
}

/** Statuses for `unavailable`. */
const UNAVAILABLE: readonly number[] = [408, 429, 499, 502, 503, 504];
/** Statuses for `refused`. */
const REFUSED: readonly number[] = [400, 401, 403, 404, 409, 413, 415, 422, 423];

const isCode = (code: unknown): code is ErrorCode => typeof code === "string" && code in errorTable;

/** The verdict for an error: by its code, else by its status. */
export const verdictOf = (status: number, code: unknown): Answer["verdict"] => {
  const said = isCode(code) ? errorTable[code][0] : status;
  if (UNAVAILABLE.includes(said)) return "unavailable";
  return REFUSED.includes(said) ? "refused" : "unclear";
};

const broken = (node: string, reason: string): Answer => ({ verdict: "unavailable", reason, body: {}, node });

const reasonOf = (error: unknown): string => {
  const { name, cause } = error as { name?: string; cause?: { code?: string } };
  return cause?.code ?? name ?? "broken connection";
};

/** Makes one call; never throws. @param node the node that is called, where it is not the load balancer */
export const call = async (
  base: string,
  { method, path, body }: CallRequest,
  { node = "", timeoutMs = 30_000 }: { node?: string; timeoutMs?: number } = {},
): Promise<Answer> => {
  try {
    const response = await fetch(new URL(path, base), {
      method,
      headers: { authorization, ...(body !== undefined && { "content-type": "application/json" }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(timeoutMs),
    });
    const by = response.headers.get(ANSWERED_BY) ?? node;
    const text = await response.text();
    const parsed: unknown = text.startsWith("{") || text.startsWith("[") ? JSON.parse(text) : {};
    const object = (Array.isArray(parsed) ? { items: parsed } : parsed) as Record<string, unknown>;
    if (response.ok && object.success !== 0) return { verdict: "ok", reason: "ok", body: object, node: by };
    const { code } = object;
    const reason = typeof code === "string" ? code : String(response.status);
    return { verdict: verdictOf(response.status, code), reason, body: object, node: by };
  } catch (error) {
    return broken(node, reasonOf(error));
  }
};
