import { expect, test } from "vitest";
import { fetchAs, realBroker, scopeOf, serve } from "../runtimes/broker/fixture.ts";

const invalid = { code: "CAPABILITY_INVALID" };

test.each([
  ["Host", "evil.example"],
  ["Connection", "close"],
  ["Content-Length", "0"],
  ["Transfer-Encoding", "chunked"],
  ["Proxy-Authorization", "x"],
  ["Upgrade", "h2c"],
  ["Expect", "100-continue"],
  ["TE", "trailers"],
  ["X-A\r\nX-B", "1"],
  ["X-A", "1\r\nX-B: 2"],
  ["X-A", "1\nX-B: 2"],
  ["X-A", "1\u0000"],
  ["X-A:", "1"],
  ["", "1"],
  ["X-A", "snow\u2603"],
])("the header %j: %j is refused", async (name, value) => {
  const server = await serve((_, response) => response.end());
  const { broker } = await realBroker();
  const fetching = fetchAs(broker, scopeOf({ net: [server.host] }), server.url, { headers: [[name, value]] });
  await expect(fetching).rejects.toMatchObject(invalid);
  expect(server.requests).toHaveLength(0);
});

test.each([
  ["a method of its own", { url: "http://127.0.0.1/", method: "TRACE", headers: [] }],
  ["a method with a line break", { url: "http://127.0.0.1/", method: "GET / HTTP/1.1\r\nX: ", headers: [] }],
  ["an address that is no URL", { url: "not a url", method: "GET", headers: [] }],
  ["a field too many", { url: "http://127.0.0.1/", method: "GET", headers: [], dispatcher: {} }],
  ["headers of the wrong shape", { url: "http://127.0.0.1/", method: "GET", headers: { a: "b" } }],
  ["a body with GET", { url: "http://127.0.0.1/", method: "GET", headers: [], body: { base64: "eA==" } }],
  ["no arguments", undefined],
  ["null", null],
])("%s is refused", async (_, args) => {
  const { broker } = await realBroker();
  const asking = broker.bind(scopeOf({ net: ["127.0.0.1"] }))("fetch", args, new AbortController().signal);
  await expect(asking).rejects.toMatchObject(invalid);
});

test("what the plugin sets wins over the host's own, but not how the message is packed", async () => {
  const server = await serve((_, response) => response.end());
  const { broker } = await realBroker();
  const headers: [string, string][] = [
    ["User-Agent", "mine"],
    ["Accept-Encoding", "zstd"],
  ];
  await fetchAs(broker, scopeOf({ net: [server.host] }), server.url, { headers });
  expect(server.requests[0]?.headers).toMatchObject({ "user-agent": "mine", "accept-encoding": "gzip, br" });
});
