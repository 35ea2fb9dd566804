import { once } from "node:events";
import { type AddressInfo, connect } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { defaultLimits } from "../../src/http/limits.ts";
import { bearer, KEY, openTestServer, type TestServer } from "../http/test-server.ts";

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer({}, { ...defaultLimits, bodyMs: 3_600_000, lingerMs: 100 });
  await server.http.listen({ host: "127.0.0.1", port: 0 });
});
afterAll(() => server.close());

const start = async (line: string, ...headers: string[]) => {
  const socket = connect((server.http.server.address() as AddressInfo).port, "127.0.0.1");
  let heard = "";
  socket.on("data", (chunk) => (heard += chunk)).on("error", () => {});
  const closed = new Promise((resolve) => socket.once("close", resolve));
  socket.write([`${line} HTTP/1.1`, "Host: localhost", ...headers, "", ""].join("\r\n"));
  return { socket, closed, heard: () => heard };
};

const bodies = ["Content-Length: 1000000", "Transfer-Encoding: chunked"];
const refused = [
  ["no key", "POST /api/registries"],
  ["an unknown call", "POST /nowhere"],
  ["an upload without a key", "PUT /api/archives/upload"],
  ["a call that reads", "GET /api/info"],
] as const;

test.each(refused.flatMap(([what, line]) => bodies.map((body) => [what, line, body] as const)))(
  "%s: %s with %s, fed a byte at a time, is answered and then closed",
  async (_what, line, body) => {
    const { socket, closed, heard } = await start(line, body, "Content-Type: application/json");
    const piece = body.startsWith("Transfer") ? "1\r\nx\r\n" : "x";
    const drip = setInterval(() => socket.write(piece), 20);
    await closed;
    clearInterval(drip);
    expect(heard()).toMatch(/^HTTP\/1\.1 (4\d\d|200) /);
  },
);

test("a connection whose body has arrived is kept for the next request", async () => {
  const { socket, heard } = await start(
    "POST /api/registries",
    "Content-Length: 2",
    "Content-Type: application/json",
  );
  socket.write("{}");
  while (!heard().includes("UNAUTHORIZED")) await once(socket, "data");
  // The connection of an unfinished request that was sent later is closed by now, so the time of this one has passed too.
  const { closed } = await start("POST /api/registries", "Content-Length: 9");
  await closed;
  socket.write(
    `GET /api/registries HTTP/1.1\r\nHost: localhost\r\nAuthorization: ${bearer(KEY).authorization}\r\n\r\n`,
  );
  while (!heard().includes("HTTP/1.1 200")) await once(socket, "data");
  socket.destroy();
});
