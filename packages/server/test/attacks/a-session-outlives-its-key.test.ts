import { afterAll, beforeAll, expect, test } from "vitest";
import { bearer, browserOf, KEY, openTestServer, type TestServer } from "../http/test-server.ts";

let server: TestServer;
beforeAll(async () => {
  server = await openTestServer();
});
afterAll(() => server.close());

const codeWith = async (browser: { cookie: string }): Promise<string | undefined> =>
  (await server.call("listSessions", { browser })).body.code;

test("a revoked key ends its sessions and the codes that they made", async () => {
  const { body: made } = await server.call("createKey", { body: { name: "lent", scope: "use" } });
  const browser = browserOf(await server.call("signIn", { headers: bearer(made.key) }));
  const { body: invite } = await server.call("createInvite", { browser });
  expect(await codeWith(browser)).toBeUndefined();
  await server.call("revokeKey", { params: { name: "lent" } });
  expect(await codeWith(browser)).toBe("UNAUTHORIZED");
  const accepted = await server.call("acceptInvite", { body: { code: invite.code } });
  expect([accepted.status, accepted.body.code]).toEqual([403, "INVITE_INVALID"]);
  // Another key of the same name is another key.
  await server.call("createKey", { body: { name: "lent", scope: "use" } });
  expect(await codeWith(browser)).toBe("UNAUTHORIZED");
});

test("another first key ends the sessions of the one before, also if no call replaced it", async () => {
  const browser = browserOf(await server.call("signIn"));
  server.firstKey.replace("another key");
  expect(await codeWith(browser)).toBe("UNAUTHORIZED");
  server.firstKey.replace(KEY);
});

test("who reads the store cannot make a cookie of what it keeps", async () => {
  const { cookie } = browserOf(await server.call("signIn"));
  const [, secret = ""] = cookie.split(".");
  const stored = JSON.stringify(await server.services.store.documents.get("sessions"));
  expect(stored).not.toContain(secret);
  const { value } = (await server.services.store.documents.get("sessions")) as {
    value: { sessions: { id: string; proof: string }[] };
  };
  for (const { id, proof } of value.sessions)
    expect(await codeWith({ cookie: `hitagi_session_80=${id}.${proof.slice(0, 43)}` })).toBe("UNAUTHORIZED");
});
