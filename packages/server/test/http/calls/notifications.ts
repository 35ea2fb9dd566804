import { expect, it } from "vitest";
import { webReceiver } from "../../notifications/receivers-at-work.ts";
import type { World } from "../calls.test.ts";
import { bearer } from "../test-server.ts";

export const notificationCalls = (world: () => World): void => {
  const call: World["server"]["call"] = (id, sent) => world().server.call(id, sent);

  it("are made, tested and removed, and their secrets are not read back", async () => {
    const { url, received } = await webReceiver();
    const body = { name: "hook", kind: "webhook", url: `${url}/path-secret` };
    const { body: made } = await call("createReceiver", { body });
    expect(made.secret).toMatch(/^whsec_[\w+/]{43}=$/);
    const receiver = {
      ...{ name: "hook", kind: "webhook", address: `${url}/…`, hasSecret: true, last: null },
      causes: ["jobs", "updates", "quarantine", "library", "registries"],
    };
    expect(made.receiver).toMatchObject(receiver);
    const listed = await call("listReceivers");
    expect(listed.body.receivers).toEqual([made.receiver]);
    for (const secret of [made.secret, "path-secret"]) expect(listed.text).not.toContain(secret);
    const taken = await call("createReceiver", { body });
    expect([taken.status, taken.body.code]).toEqual([409, "RECEIVER_EXISTS"]);
    const tested = await call("testReceiver", { params: { name: "hook" } });
    expect(tested.body.successMessage).toBe("hook took a test message.");
    expect(JSON.parse(received[0]?.body ?? "")).toMatchObject({ cause: "test", title: "This is a test" });
    const changed = await call("updateReceiver", { params: { name: "hook" }, body: { causes: ["jobs"] } });
    expect(changed.body).toEqual({
      ...{ operation: "update_receiver", success: 1, error: null },
      receiver: { ...made.receiver, causes: ["jobs"], last: changed.body.receiver.last },
    });
    await call("testReceiver", { params: { name: "hook" } });
    expect(received).toHaveLength(2);
    expect((await call("deleteReceiver", { params: { name: "hook" } })).status).toBe(200);
    const gone = await call("testReceiver", { params: { name: "hook" } });
    expect([gone.status, gone.body.code]).toEqual([404, "RECEIVER_NOT_FOUND"]);
    const { body: history } = await call("listHistory", { query: { kind: "receiver", subject: "hook" } });
    expect(history.items.map((entry: { action: string }) => entry.action)).toContain("create_receiver");
    expect(JSON.stringify(history)).not.toContain("path-secret");
  });

  it("that do not take a test message say why", async () => {
    await call("createReceiver", { body: { name: "away", kind: "slack", url: "http://127.0.0.1:1/x" } });
    const { status, body } = await call("testReceiver", { params: { name: "away" } });
    expect([status, body.code, body.error]).toEqual([
      502,
      "NOTIFICATION_FAILED",
      "away did not take the message: ECONNREFUSED.",
    ]);
    await call("deleteReceiver", { params: { name: "away" } });
  });

  it.each([
    [{ kind: "webhook", url: "nowhere" }, "its address is none"],
    [{ kind: "webhook", url: "ftp://a.example/" }, "not http or https"],
    [{ kind: "slack", url: "https://me@a.example/" }, "contains a user name"],
    [{ kind: "slack", url: "https://a.example/", secret: "x" }, "the secret of slack is its address"],
    [{ kind: "ntfy", url: "https://ntfy.example" }, "ends with a topic"],
    [{ kind: "discord", url: "https://a.example/", to: ["a@b"] }, "are for e-mail"],
    [{ kind: "email", url: "https://a.example/" }, "smtp:// or smtps://"],
    [{ kind: "email", url: "smtp://a.example" }, "a sender (from) and recipients (to)"],
    [{ kind: "email", url: "smtp://a.example", from: "a@b", to: ["a@b"], secret: "x" }, "a password a user"],
    [{ kind: "email", url: "smtp://u@a.example", from: "a@b", to: ["a@b"] }, "needs a password"],
    [
      { kind: "email", url: "smtp://u@a.example", from: "a@b", to: ["a@b"], secret: "x", plain: true },
      "not sent without encryption",
    ],
  ])("are refused when they cannot work: %j", async (fields, reason) => {
    const { status, body } = await call("createReceiver", { body: { name: "wrong", ...fields } });
    expect([status, body.code]).toEqual([400, "RECEIVER_INVALID"]);
    expect(body.error).toContain(reason);
  });

  it("are for keys with all rights only", async () => {
    const { body: key } = await call("createKey", { body: { name: "no-receivers", scope: "use" } });
    const refused = await call("listReceivers", { headers: bearer(key.key) });
    expect([refused.status, refused.body.code]).toEqual([403, "SCOPE_NEEDED"]);
  });
};
