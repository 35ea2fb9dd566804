import { type Api, api, CSRF_HEADER, type OperationId, type Route } from "@hitagi/contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Browser, browserOf, openTestServer, type TestServer } from "../http/test-server.ts";

const changing = (Object.entries(api) as [OperationId, Api[OperationId] & Route][]).filter(
  ([, { method, open }]) => method !== "GET" && !open,
);

let server: TestServer;
let browser: Browser;
beforeAll(async () => {
  server = await openTestServer();
  browser = browserOf(await server.call("signIn"));
});
afterAll(() => server.close());

const urlOf = ({ path }: Route): string =>
  path
    .replace(/:id\b/, "0123456789abcdef")
    .replace(/:job\b/, "1")
    .replace(/:\w+/g, "nobody");

const ask = (route: Route, headers: Record<string, string | undefined>) =>
  server.http.inject({
    method: route.method,
    url: urlOf(route),
    headers: { cookie: browser.cookie, ...headers },
  });

test.each(changing)("%s is refused with the cookie alone", async (_id, route) => {
  for (const headers of [{}, { [CSRF_HEADER]: "" }, { [CSRF_HEADER]: "x".repeat(43) }]) {
    const answer = await ask(route, headers);
    expect([answer.statusCode, answer.json().code]).toEqual([403, "CSRF_TOKEN_NEEDED"]);
  }
});

test("a form of another page cannot send the token's header, and a session of another browser has another token", async () => {
  const other = browserOf(await server.call("signIn"));
  expect(other.csrf).not.toBe(browser.csrf);
  const answer = await server.call("createKey", {
    browser: { cookie: browser.cookie, csrf: other.csrf },
    body: { name: "stolen", scope: "manage" },
  });
  expect([answer.status, answer.body.code]).toEqual([403, "CSRF_TOKEN_NEEDED"]);
});

// Cookies do not know ports: a page on another port of this machine is of the same site, and its requests have the cookie.
test.each([
  ["of another port", { origin: "http://localhost:8080", "sec-fetch-site": "same-site" }],
  ["of another site", { origin: "https://evil.example", "sec-fetch-site": "cross-site" }],
  ["without an origin", { origin: "null" }],
  ["that shows an image or a frame of this server", { "sec-fetch-site": "cross-site" }],
])("a page %s is refused, also if it knows the token", async (_page, headers) => {
  for (const id of ["listKeys", "signOut", "rotateKey"] as const) {
    const answer = await server.call(id, { browser, headers });
    expect([answer.status, answer.body.code], id).toEqual([403, "FOREIGN_ORIGIN"]);
  }
  const read = await server.call("getSession", { browser, headers });
  expect(read.body).toMatchObject({ session: null, csrf: null });
});

test("the server's own page may do all, with the token", async () => {
  const host = "127.0.0.1:3000";
  const own = browserOf(await server.call("signIn", { headers: { host } }));
  const headers = { host, origin: `http://${host}`, "sec-fetch-site": "same-origin" };
  expect((await server.call("listKeys", { browser: own, headers })).status).toBe(200);
  expect((await server.call("signOut", { browser: own, headers })).status).toBe(200);
});
