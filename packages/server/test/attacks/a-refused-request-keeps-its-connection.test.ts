import { once } from "node:events";
import { type AddressInfo, connect } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { defaultLimits } from "../../src/http/limits.ts";
import { bearer, KEY, openTestServer, type TestServer } from "../http/test-server.ts";

let server: TestServer;
let reader: string;
beforeAll(async () => {
  server = await openTestServer({}, { ...defaultLimits, bodyMs: 3_600_000, lingerMs: 100 });
  reader = (await server.call("createKey", { body: { name: "reader", scope: "read" } })).body.key;
  await server.http.listen({ host: "127.0.0.1", port: 0 });
});
afterAll(() => server.close());

const start = async (line: string, ...headers: string[]) => {
  const socket = connect((server.http.server.address() as AddressInfo).port, "127.0.0.1");
  let heard = "";
  socket.on("data", (chunk) => (heard += chunk)).on("error", () => {});
  const closed = new Promise((resolve) => socket.once("close", resolve));
  const host = headers.some((header) => header.startsWith("Host:")) ? [] : ["Host: localhost"];
  socket.write([`${line} HTTP/1.1`, ...host, ...headers, "", ""].join("\r\n"));
  return { socket, closed, heard: () => heard };
};

const JSON_TYPE = "Content-Type: application/json";
const as = (key: string) => `Authorization: ${bearer(key).authorization}`;

const lengths = ["Content-Length: 1000000", "Transfer-Encoding: chunked"];

/** What is refused, or answered without its body: the status, the request line, and headers. */
const answered: [what: string, status: number, line: string, headers?: () => string[]][] = [
  ["no key", 401, "POST /api/registries"],
  ["an upload without a key", 401, "PUT /api/archives/upload"],
  ["a key without the scope", 403, "POST /api/registries", () => [as(reader), JSON_TYPE]],
  ["an unknown call", 404, "POST /nowhere"],
  ["another method", 404, "POST /api/info"],
  ["another media type", 415, "POST /api/registries", () => [as(KEY), "Content-Type: text/plain"]],
  ["a form of another type", 415, "PUT /api/archives/upload", () => [as(KEY), JSON_TYPE]],
  ["another host", 421, "POST /api/registries", () => ["Host: evil.example", as(KEY), JSON_TYPE]],
  ["an address that cannot be decoded", 400, "POST /%zz"],
  ["a parameter that is too long", 400, `POST /api/registries/${"x".repeat(2000)}/refresh`],
  ["an expectation that is unknown", 401, "POST /api/registries", () => ["Expect: a-pony"]],
  ["a call that reads", 200, "GET /api/info"],
  ["a call that reads, with a wrong key", 401, "GET /api/registries", () => [as("wrong")]],
  ["the page", 200, "GET /"],
  ["the head of the page", 200, "HEAD /"],
  ["the documentation's page", 200, "GET /api/docs/"],
  ["the documentation's data", 200, "GET /api/docs/json"],
  ["the documentation's files", 200, "GET /api/docs/static/index.css"],
  ["the documentation as JSON", 200, "GET /api/openapi.json"],
  ["a call to the documentation", 404, "POST /api/docs/json"],
  ["the options of a call", 404, "OPTIONS /api/registries"],
];

/** Sends a byte of the body every 20 ms until the connection is closed. @returns the answer */
const drip = async (line: string, length: string, headers: string[]): Promise<string> => {
  const { socket, closed, heard } = await start(line, length, ...headers);
  const piece = length.startsWith("Transfer") ? "1\r\nx\r\n" : "x";
  const dripping = setInterval(() => socket.write(piece), 20);
  await closed;
  clearInterval(dripping);
  return heard();
};

test.each(answered.flatMap((one) => lengths.map((length) => [one[0], length, one] as const)))(
  "%s with %s, fed a byte at a time, is answered and then closed",
  async (_what, length, [, status, line, headers = () => []]) => {
    expect(await drip(line, length, headers())).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  },
);

test("a body that is announced as too large is refused at once, and its connection is closed", async () => {
  const heard = await drip("POST /api/registries", "Content-Length: 1000000000", [as(KEY), JSON_TYPE]);
  expect(heard).toMatch(/^HTTP\/1\.1 413 /);
});

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
