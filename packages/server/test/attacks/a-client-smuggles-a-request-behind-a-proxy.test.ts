import { once } from "node:events";
import { type AddressInfo, connect } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import { bearer, KEY, openTestServer, type TestServer } from "../http/test-server.ts";

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer({ log: "silent" });
  await server.http.listen({ host: "127.0.0.1", port: 0 });
});
afterAll(() => server.close());

/** Sends bytes, and answers everything that the server sends until it closes the connection. */
const exchange = async (bytes: string): Promise<string> => {
  const socket = connect((server.http.server.address() as AddressInfo).port, "127.0.0.1");
  let heard = "";
  socket.on("data", (chunk: Buffer) => {
    heard += chunk.toString("latin1");
  });
  socket.on("error", () => undefined);
  const ended = once(socket, "close");
  socket.write(Buffer.from(bytes, "latin1"));
  await ended;
  return heard;
};

/** The request that the attacker hides in the body of another one. */
const HIDDEN = `GET /api/info HTTP/1.1\r\nHost: localhost\r\n\r\n`;

const post = (...fields: string[]): string =>
  [
    "POST /api/registries HTTP/1.1",
    "Host: localhost",
    `Authorization: ${bearer(KEY).authorization}`,
    "Content-Type: application/json",
    ...fields,
    "",
    "",
  ].join("\r\n");

it.each([
  ["both lengths", post("Content-Length: 6", "Transfer-Encoding: chunked"), "0\r\n\r\n"],
  ["two different lengths", post("Content-Length: 0", `Content-Length: ${HIDDEN.length}`), ""],
  ["a length with a sign", post("Content-Length: +0"), ""],
  ["a length in hexadecimal", post("Content-Length: 0x0"), ""],
  ["a list of lengths", post(`Content-Length: 0, ${HIDDEN.length}`), ""],
  ["another coding after chunked", post("Transfer-Encoding: chunked, identity"), "0\r\n\r\n"],
  ["a coding with a misleading name", post("Transfer-Encoding: xchunked"), "0\r\n\r\n"],
  ["a space before the colon", post("Transfer-Encoding : chunked"), "0\r\n\r\n"],
  ["a folded field", post("Transfer-Encoding:", " chunked"), "0\r\n\r\n"],
  ["a control character in a field", post("Transfer-Encoding: \u000bchunked"), "0\r\n\r\n"],
  ["a chunk size that is no number", post("Transfer-Encoding: chunked"), "zz\r\n\r\n0\r\n\r\n"],
  ["a chunk that is longer than its size", post("Transfer-Encoding: chunked"), "2\r\nabcd\r\n0\r\n\r\n"],
  ["lines that end without a carriage return", post("X: y").replaceAll("\r\n", "\n"), ""],
])("a hidden request is not answered: %s", async (_what, request, body) => {
  const heard = await exchange(request + body + HIDDEN);
  expect(heard).toMatch(/^HTTP\/1\.1 4\d\d /);
  expect(heard.match(/HTTP\/1\.1 \d\d\d /g)).toHaveLength(1);
  expect(heard).toContain("Connection: close");
});

it("two requests on one connection are both answered", async () => {
  const last = HIDDEN.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n");
  expect((await exchange(HIDDEN + last)).match(/HTTP\/1\.1 200 /g)).toHaveLength(2);
});
