import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import Fastify from "fastify";
import { etagOf } from "../src/http/etag.ts";
import { MESSAGE_BYTES, startRawEcho } from "./raw-echo.ts";

/**
 * The floor of answers over HTTP, in a process of its own: only Fastify. `/` sends prepared bytes, or 304 to a client that has them.
 * `/call` sends a message over a pipe to Deno and waits until it is back.
 */
const serveFloor = async (file: string): Promise<void> => {
  const bytes = await readFile(file);
  const etag = etagOf(bytes);
  const app = Fastify();
  app.get("/", (request, reply) => {
    reply.header("etag", etag);
    if (request.headers["if-none-match"] === etag) return reply.code(304).send();
    return reply.type("application/json; charset=utf-8").send(bytes);
  });
  const echo = await startRawEcho(tmpdir());
  const message = Buffer.alloc(MESSAGE_BYTES, "x");
  app.post("/call", async () => {
    await echo.send(message);
    return { success: 1 };
  });
  console.log(await app.listen({ port: 0, host: "127.0.0.1" }));
};

await serveFloor(process.argv[2] ?? "");
