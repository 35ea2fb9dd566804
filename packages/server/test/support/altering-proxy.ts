import type { IncomingMessage, ServerResponse } from "node:http";
import { buffer, text } from "node:stream/consumers";
import { httpServer } from "./http-server.ts";

/** What a server in the place of another one changes. */
export interface Altering {
  /** Changes the text of a JSON answer. */
  json(body: string): string;
  /** Answers the download of an archive. By default it is the other server's. */
  download?(response: ServerResponse): void;
}

/** Passes a request on, and its answer back. */
const passOn = async (
  server: string,
  request: IncomingMessage,
  response: ServerResponse,
  { json }: Altering,
) => {
  const headers = Object.entries(request.headers).filter(
    ([name]) => !/^(host|connection|content-length)$/.test(name),
  );
  const body = request.method === "GET" ? null : await text(request);
  const answer = await fetch(`${server}${request.url}`, {
    ...{ method: request.method ?? "GET", body },
    headers: headers.map(([name, value]) => [name, String(value)] as [string, string]),
  });
  const type = answer.headers.get("content-type") ?? "";
  response.writeHead(answer.status, { "content-type": type });
  if (!answer.body) return response.end();
  response.end(type.includes("json") ? json(await answer.text()) : await buffer(answer.body));
};

/** A server that answers as another one does, but for what it changes. Ended with the test. Answers its address. */
export const alteringProxy = (server: string, altering: Altering): Promise<string> =>
  httpServer((request, response) => {
    if (altering.download && /\/download(\?|$)/.test(request.url ?? "")) return altering.download(response);
    passOn(server, request, response, altering).catch((error: unknown) => response.destroy(error as Error));
  });
