import { expect, it } from "vitest";
import type { World } from "../calls.test.ts";
import { type Browser, bearer, browserOf, KEY } from "../test-server.ts";

export const sessionCalls = (world: () => World): void => {
  const call: World["server"]["call"] = (id, sent) => world().server.call(id, sent);

  it("begin with a key, take the place of the key, and end", async () => {
    const signedIn = await call("signIn", { headers: { "user-agent": "a browser" } });
    expect(signedIn.body).toMatchObject({
      session: { key: "api-key", scope: "manage", device: "a browser", current: true },
      firstVisit: false,
    });
    expect(String(signedIn.headers["set-cookie"])).toMatch(
      /^hitagi_session_80=[0-9a-f]{16}\.[\w-]{43}; Path=\/; Max-Age=2592000; HttpOnly; SameSite=Strict$/,
    );
    const browser = browserOf(signedIn);
    const { session, csrf } = (await call("getSession", { browser })).body;
    expect([session, csrf]).toEqual([signedIn.body.session, signedIn.body.csrf]);
    const made = await call("createKey", { browser, body: { name: "by-session", scope: "read" } });
    expect(made.status).toBe(200);
    await call("revokeKey", { browser, params: { name: "by-session" } });
    const { items } = (await call("listHistory", { query: { subject: "by-session" } })).body;
    expect(items[0].actor).toEqual({ kind: "api", key: "api-key" });
    const out = await call("signOut", { browser });
    expect(String(out.headers["set-cookie"])).toContain("Max-Age=0");
    expect((await call("listKeys", { browser })).body.code).toBe("UNAUTHORIZED");
    expect((await call("getSession", { browser })).body).toMatchObject({ session: null, csrf: null });
  });

  it("have the rights of their key, of which each sees only its own sessions", async () => {
    const { body: made } = await call("createKey", { body: { name: "reader", scope: "read" } });
    const reader = browserOf(await call("signIn", { headers: bearer(made.key) }));
    const owner = browserOf(await call("signIn"));
    const refused = await call("revokeKey", { browser: reader, params: { name: "reader" } });
    expect([refused.status, refused.body.code]).toEqual([403, "SCOPE_NEEDED"]);
    const keysIn = async (browser: Browser) =>
      (await call("listSessions", { browser })).body.sessions.map(({ key }: { key: string }) => key);
    expect(await keysIn(reader)).toEqual(["reader"]);
    expect(await keysIn(owner)).toEqual(["api-key", "reader"]);
    const { sessions } = (await call("listSessions", { browser: owner })).body;
    const [own, other] = sessions as { id: string; current: boolean }[];
    expect([own?.current, other?.current]).toEqual([true, false]);
    const hidden = await call("endSession", { browser: reader, params: { id: own?.id ?? "" } });
    expect([hidden.status, hidden.body.code]).toEqual([404, "SESSION_NOT_FOUND"]);
    await call("endSession", { browser: owner, params: { id: other?.id ?? "" } });
    expect((await call("listSessions", { browser: reader })).body.code).toBe("UNAUTHORIZED");
    await call("revokeKey", { params: { name: "reader" } });
    await call("signOut", { browser: owner });
  });

  it("invite another browser with a code that works once", async () => {
    const owner = browserOf(await call("signIn"));
    const { body: invite } = await call("createInvite", { browser: owner });
    expect(invite.address).toBe(`http://localhost/invite#${invite.code}`);
    const phone = await call("acceptInvite", {
      body: { code: invite.code },
      headers: { "user-agent": "a phone" },
    });
    expect(phone.body.session).toMatchObject({ key: "api-key", device: "a phone" });
    expect((await call("listKeys", { browser: browserOf(phone) })).status).toBe(200);
    const again = await call("acceptInvite", { body: { code: invite.code } });
    expect([again.status, again.body.code]).toEqual([403, "INVITE_INVALID"]);
    await call("signOut", { browser: owner });
    await call("signOut", { browser: browserOf(phone) });
  });

  it("end with the rotation of their key", async () => {
    const browser = browserOf(await call("signIn"));
    const { body } = await call("rotateKey", { browser });
    expect((await call("listKeys", { browser })).body.code).toBe("UNAUTHORIZED");
    expect((await call("listSessions", { headers: bearer(body.key) })).body.sessions).toEqual([]);
    world().server.firstKey.replace(KEY);
    expect((await call("listKeys", { browser })).body.code).toBe("UNAUTHORIZED");
  });
};
