import { ask } from "./asks.ts";
import { decodeBytes, type Encoded, encodeBytes } from "./bytes.ts";
import { currentCall } from "./live-call.ts";

/** What the host answers to the capability `fetch`. */
interface Answer {
  status: number;
  statusText: string;
  url: string;
  redirected: boolean;
  headers: [string, string][];
  body: Encoded;
}

/** Statuses whose response has no body (Fetch standard, "null body status"). */
const bodiless = [101, 204, 205, 304];

const toResponse = (answer: Answer): Response => {
  const response = new Response(bodiless.includes(answer.status) ? null : decodeBytes(answer.body), {
    status: answer.status,
    statusText: answer.statusText,
    headers: new Headers(answer.headers),
  });
  Object.defineProperty(response, "url", { value: answer.url });
  Object.defineProperty(response, "redirected", { value: answer.redirected });
  return response;
};

/**
 * The global `fetch`: what it takes and gives is the platform's, but the request is made by the host, which decides
 * whether this plugin may. The platform's classes are looked up when they are used: Deno sets them up then, which
 * takes 20 ms.
 */
export const hostFetch = async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
  const call = currentCall();
  const request = new Request(input, init);
  const body = request.body === null ? undefined : encodeBytes(new Uint8Array(await request.arrayBuffer()));
  const args = {
    url: request.url,
    method: request.method,
    headers: [...request.headers],
    redirect: request.redirect,
    ...(body && { body }),
  };
  return toResponse((await ask(call, "fetch", args, request.signal)) as Answer);
};
