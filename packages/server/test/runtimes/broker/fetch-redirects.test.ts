import { expect, test } from "vitest";
import { redirected } from "../../../src/runtimes/broker/plugin-request.ts";
import { fetchAs, realBroker, scopeOf, serve } from "./fixture.ts";

const credentials: [string, string][] = [
  ["Authorization", "Bearer mine"],
  ["Cookie", "mine=1"],
  ["X-Other", "kept"],
];

test("credentials given by the plugin stay within their origin", async () => {
  const other = await serve((_, response) => response.end("end"));
  const server = await serve((request, response) => {
    const location = request.url === "/" ? "/again" : other.url;
    response.writeHead(307, { location }).end();
  });
  const { broker } = await realBroker();
  const scope = scopeOf({ net: [server.host, other.host] });
  const answer = await fetchAs(broker, scope, server.url, { headers: credentials });
  expect(answer).toMatchObject({ text: "end", redirected: true, url: `${other.url}/` });
  expect(server.requests[1]?.headers).toMatchObject({ authorization: "Bearer mine", cookie: "mine=1" });
  expect(other.requests[0]?.headers).not.toHaveProperty("authorization");
  expect(other.requests[0]?.headers).not.toHaveProperty("cookie");
  expect(other.requests[0]?.headers["x-other"]).toBe("kept");
});

test.each([
  [303, "PUT", "GET", ""],
  [302, "POST", "GET", ""],
  [301, "POST", "GET", ""],
  [302, "PUT", "PUT", "body"],
  [307, "POST", "POST", "body"],
  [308, "PUT", "PUT", "body"],
])("a %i on %s goes on as %s", async (status, method, after, body) => {
  const server = await serve((request, response) => {
    if (request.url === "/") response.writeHead(status, { location: "/next" }).end();
    else {
      response.setHeader("x-type", request.headers["content-type"] ?? "none");
      request.pipe(response);
    }
  });
  const { broker } = await realBroker();
  const headers: [string, string][] = [["Content-Type", "text/plain"]];
  const answer = await fetchAs(broker, scopeOf({ net: [server.host] }), server.url, {
    method,
    body: "body",
    headers,
  });
  expect(server.requests[1]?.method).toBe(after);
  expect(answer.text).toBe(body);
  expect(answer.headers).toContainEqual(["x-type", body ? "text/plain" : "none"]);
});

test("manual gives the redirect itself, error refuses it", async () => {
  const server = await serve((_, response) => response.writeHead(302, { location: "/next" }).end());
  const { broker } = await realBroker();
  const scope = scopeOf({ net: [server.host] });
  const answer = await fetchAs(broker, scope, server.url, { redirect: "manual" });
  expect(answer.status).toBe(302);
  expect(answer.headers).toContainEqual(["location", "/next"]);
  const refused = fetchAs(broker, scope, server.url, { redirect: "error" });
  await expect(refused).rejects.toMatchObject({ code: "REQUEST_FAILED" });
  expect(server.requests).toHaveLength(2);
});

test("a redirect without end stops after five", async () => {
  const server = await serve((_, response) => response.writeHead(302, { location: "/again" }).end());
  const { broker } = await realBroker();
  const endless = fetchAs(broker, scopeOf({ net: [server.host] }), server.url);
  await expect(endless).rejects.toMatchObject({ code: "REQUEST_FAILED" });
  expect(server.requests).toHaveLength(6);
});

test("a redirect never leaves https for http", () => {
  const from = { url: new URL("https://example.org/"), method: "GET", headers: [], body: undefined } as const;
  expect(() => redirected(from, 302, "http://example.org/")).toThrow(
    expect.objectContaining({ code: "CAPABILITY_DENIED" }),
  );
  expect(redirected(from, 302, "//example.com/x").url.href).toBe("https://example.com/x");
});

test("a redirect to several addresses is refused", () => {
  const from = { url: new URL("https://example.org/"), method: "GET", headers: [], body: undefined } as const;
  expect(() => redirected(from, 302, ["/a", "/b"])).toThrow(
    expect.objectContaining({ code: "CAPABILITY_INVALID" }),
  );
});
