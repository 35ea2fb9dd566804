import { type JsonObject, objectOf } from "./json.ts";

/** How a request is sent. */
export interface JsonRequest {
  /** The site's name, for messages. */
  site: string;
  url: string;
  signal: AbortSignal;
  /** Sent as JSON by POST; without it, the request is a GET. */
  body?: object;
}

const waitOf = (response: Response): string => {
  const seconds = response.headers.get("retry-after");
  return seconds && /^\d+$/.test(seconds) ? `Try again in ${seconds} seconds.` : "Try again later.";
};

/**
 * The JSON object that a site answers.
 * @returns undefined for 404
 * @throws Error that says what the site answered, and what to do
 */
export const fetchJson = async ({
  site,
  url,
  signal,
  body,
}: JsonRequest): Promise<JsonObject | undefined> => {
  const headers = { accept: "application/json", "user-agent": "Hitagi" };
  const sent = body && {
    method: "POST",
    body: JSON.stringify(body),
    headers: { ...headers, "content-type": "application/json" },
  };
  const response = await fetch(url, { headers, ...sent, signal });
  if (response.status === 404) return undefined;
  if (response.status === 429) throw new Error(`${site} refuses more requests for now. ${waitOf(response)}`);
  if (!response.ok) throw new Error(`${site} answered ${response.status}. ${waitOf(response)}`);
  const text = await response.text();
  try {
    return objectOf(JSON.parse(text));
  } catch {
    throw new Error(`${site} answered something else than JSON.`);
  }
};
