import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { sha256Of } from "../../disk/sha256.ts";
import type { RegistryContent } from "../registry-files.ts";
import { BADGE_FILE, badgeOf } from "./badge.ts";
import { contentTypeOf, publishedFiles, readInRegistry } from "./published-files.ts";

/** Plugin files never change; all else is asked for again each time. */
const cachingOf = (file: string): string =>
  /^(?:registry\.|index\.html$|badge\.svg$)/.test(file) ? "no-cache" : "public, max-age=31536000, immutable";

const send = (request: IncomingMessage, response: ServerResponse, file: string, bytes: Buffer): void => {
  const etag = `"${sha256Of(bytes)}"`;
  const headers = {
    etag,
    "cache-control": cachingOf(file),
    "x-content-type-options": "nosniff",
    "content-type": contentTypeOf(file),
  };
  if (request.headers["if-none-match"] === etag) response.writeHead(304, headers).end();
  else
    response
      .writeHead(200, { ...headers, "content-length": bytes.length })
      .end(request.method === "HEAD" ? undefined : bytes);
};

/**
 * A web server of a registry's folder, with the headers that a web server of a registry should send.
 * @param read reads the registry as it is now
 * @param page the page for people
 */
export const createPreviewServer = (
  folder: string,
  read: () => Promise<RegistryContent>,
  page: (content: RegistryContent) => string,
): Server => {
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.method !== "GET" && request.method !== "HEAD") {
      response.writeHead(405, { allow: "GET, HEAD" }).end();
      return;
    }
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    const file = decodeURIComponent(pathname.slice(1)) || "index.html";
    const content = await read();
    if (file === "index.html") return send(request, response, file, Buffer.from(page(content)));
    if (file === BADGE_FILE) return send(request, response, file, Buffer.from(badgeOf(content.index)));
    const bytes = publishedFiles(content.index).includes(file)
      ? await readInRegistry(folder, file)
      : undefined;
    if (bytes) send(request, response, file, bytes);
    else response.writeHead(404).end();
  };
  return createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      if (!response.headersSent)
        response.writeHead(error instanceof URIError ? 400 : 500, { "content-type": "text/plain" });
      response.end(error instanceof Error ? `${error.message}\n` : undefined);
    });
  });
};
