import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { httpServer } from "../support/http-server.ts";

/** A web server over a folder, with ETags. Answers its address. */
export const folderServer = (folder: string): Promise<string> =>
  httpServer(async (request, response) => {
    const file = path.join(folder, ...(request.url ?? "").split("/").map(decodeURIComponent));
    const bytes = await readFile(file).catch(() => undefined);
    if (bytes === undefined) {
      response.writeHead(404).end();
      return;
    }
    const etag = `"${createHash("sha256").update(bytes).digest("hex")}"`;
    response.setHeader("etag", etag);
    if (request.headers["if-none-match"] === etag) response.writeHead(304).end();
    else response.end(bytes);
  });
