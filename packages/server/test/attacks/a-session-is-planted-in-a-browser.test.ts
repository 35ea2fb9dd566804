import { afterAll, beforeAll, expect, test } from "vitest";
import { bearer, browserOf, openTestServer, type TestServer } from "../http/test-server.ts";

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer();
});
afterAll(() => server.close());

const sessionIn = (cookie: string): string => cookie.split("=")[1] ?? "";

test("a sign-in never takes over the session that a browser has had, and ends it", async () => {
  const { body } = await server.call("createKey", { body: { name: "attacker", scope: "read" } });
  const planted = browserOf(await server.call("signIn", { headers: bearer(body.key) }));
  const owner = browserOf(await server.call("signIn", { headers: { cookie: planted.cookie } }));
  expect(sessionIn(owner.cookie)).not.toBe(sessionIn(planted.cookie));
  expect(sessionIn(owner.cookie).split(".")[0]).not.toBe(sessionIn(planted.cookie).split(".")[0]);
  expect((await server.call("listSessions", { browser: planted })).body.code).toBe("UNAUTHORIZED");
  expect((await server.call("listKeys", { browser: owner })).status).toBe(200);
});

test.each([
  "0123456789abcdef.",
  `0123456789abcdef.${"A".repeat(43)}`,
  "constructor",
  "__proto__",
  "../../etc/passwd",
  "a".repeat(4000),
])("a cookie that an attacker made up is no session: %s", async (value) => {
  const browser = { cookie: `hitagi_session_80=${value}`, csrf: "x" };
  expect((await server.call("listKeys", { browser })).body.code).toBe("UNAUTHORIZED");
  const { body, headers } = await server.call("getSession", { browser });
  expect(body.session).toBeNull();
  expect(headers["set-cookie"]).toBeUndefined();
});

test("a session makes no further session, and a foreign page cannot sign a browser in with its own code", async () => {
  const owner = browserOf(await server.call("signIn"));
  expect((await server.call("signIn", { browser: owner })).body.code).toBe("UNAUTHORIZED");
  const { body } = await server.call("createInvite");
  const headers = { origin: "https://evil.example", "sec-fetch-site": "cross-site" };
  const planted = await server.call("acceptInvite", { body: { code: body.code }, headers });
  expect([planted.status, planted.body.code]).toEqual([403, "FOREIGN_ORIGIN"]);
  expect(planted.headers["set-cookie"]).toBeUndefined();
});

test("of two browsers with one code, one signs in", async () => {
  const { body } = await server.call("createInvite");
  const accept = () => server.call("acceptInvite", { body: { code: body.code } });
  const answers = await Promise.all([accept(), accept(), accept()]);
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 403, 403]);
});
