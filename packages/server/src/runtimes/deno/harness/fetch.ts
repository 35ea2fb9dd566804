import { decodeBytes, type Encoded, encodeBytes } from "./encoding.ts";
import { requestHost } from "./host-requests.ts";
import { currentCall } from "./running-call.ts";

/** The host's response to the capability `fetch`. */
interface HostResponse {
  status: number;
  statusText: string;
  url: string;
  redirected: boolean;
  headers: [string, string][];
  body: Encoded;
}

/** Fetch standard, "null body status". */
const nullBodyStatuses = [101, 204, 205, 304];

const toResponse = (from: HostResponse): Response => {
  const response = new Response(nullBodyStatuses.includes(from.status) ? null : decodeBytes(from.body), {
    status: from.status,
    statusText: from.statusText,
    headers: new Headers(from.headers),
  });
  Object.defineProperty(response, "url", { value: from.url });
  Object.defineProperty(response, "redirected", { value: from.redirected });
  return response;
};

/**
 * The global `fetch`, with the platform's arguments and result; the host makes the request if the plugin may. The
 * platform's classes are not touched before they are used: Deno takes 20 ms to set them up.
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
  return toResponse((await requestHost(call, "fetch", args, request.signal)) as HostResponse);
};
