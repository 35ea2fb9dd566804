import type { NotificationMessage } from "@hitagi/contract";
import { expect, onTestFinished, test } from "vitest";
import type { StoredReceiver } from "../../src/notifications/document.ts";
import { createSend } from "../../src/notifications/send.ts";
import { signature } from "../../src/notifications/send-web.ts";
import { makeAuthority } from "../support/authority.ts";
import { httpServer } from "../support/http-server.ts";
import { mailReceiver, webReceiver } from "./receivers-at-work.ts";

const message: NotificationMessage = {
  id: "message-1",
  cause: "jobs",
  time: 1_800_000_000,
  title: "2 batches or scheduled runs failed",
  items: ["Batch 12: <@everyone> & 3 archives failed", "題"],
  more: 1,
};

const sending = (ca?: string, timeoutMs?: number) => {
  const { send, close } = createSend({ ca }, timeoutMs);
  onTestFinished(close);
  return (receiver: Omit<StoredReceiver, "name" | "created">) =>
    send({ name: "it", created: 1, ...receiver }, message, new AbortController().signal);
};

test("a webhook gets the message as JSON, signed as Standard Webhooks says", async () => {
  const { url, received } = await webReceiver();
  // The example of the specification: its key, id, time and body give this signature.
  const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
  expect(signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", '{"test": 2432232314}')).toBe(
    "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
  );
  await sending()({ kind: "webhook", url: `${url}/hook?x=1`, secret });
  const [got] = received;
  expect(got?.path).toBe("/hook?x=1");
  expect(JSON.parse(got?.body ?? "")).toMatchObject({
    ...message,
    text: expect.stringContaining("- and 1 more"),
  });
  const { "webhook-id": id, "webhook-timestamp": at, "webhook-signature": signed } = got?.headers ?? {};
  expect([id, signed]).toEqual(["message-1", signature(secret, "message-1", String(at), got?.body ?? "")]);
});

test("ntfy gets the topic, the title and the items, with its token", async () => {
  const { url, received } = await webReceiver();
  await sending()({ kind: "ntfy", url: `${url}/below/my-topic`, secret: "tk_1" });
  expect(received[0]).toMatchObject({ path: "/below/", headers: { authorization: "Bearer tk_1" } });
  expect(JSON.parse(received[0]?.body ?? "")).toEqual({
    topic: "my-topic",
    title: `Hitagi: ${message.title}`,
    message: "- Batch 12: <@everyone> & 3 archives failed\n- 題\n- and 1 more",
  });
});

test("Discord and Slack get a text that mentions no person", async () => {
  const { url, received } = await webReceiver();
  const send = sending();
  await send({ kind: "discord", url: `${url}/d` });
  await send({ kind: "slack", url: `${url}/s` });
  const [discord, slack] = received.map(({ body }) => JSON.parse(body));
  expect(discord).toMatchObject({ allowed_mentions: { parse: [] } });
  expect(discord.content).toContain(`Hitagi: ${message.title}\n- Batch 12`);
  expect(slack.text).toContain("- Batch 12: &lt;@everyone&gt; &amp; 3 archives");
});

test("a text that is too long for a chat is cut", async () => {
  const { url, received } = await webReceiver();
  const { send, close } = createSend({});
  onTestFinished(close);
  const long = { ...message, items: Array.from({ length: 20 }, () => "x".repeat(300)) };
  const receiver = { name: "it", created: 1, kind: "discord" as const, url };
  await send(receiver, long, new AbortController().signal);
  expect(JSON.parse(received[0]?.body ?? "").content).toHaveLength(1900);
});

test("a failure tells the status, and whether a later attempt may succeed", async () => {
  let status = 404;
  const { url } = await webReceiver((_, response) => response.writeHead(status, { "retry-after": "7" }));
  const failure = async () => sending()({ kind: "slack", url }).catch((error: unknown) => error);
  expect(await failure()).toMatchObject({
    code: "NOTIFICATION_FAILED",
    message: "it did not take the message: it answered with 404.",
    cause: { isTemporary: false },
  });
  for (status of [429, 500, 503]) {
    expect(await failure()).toMatchObject({ cause: { isTemporary: true, retryAfter: 7 } });
  }
});

test("a receiver that is away or does not answer is a temporary failure", async () => {
  const dead = sending()({ kind: "slack", url: "http://127.0.0.1:1/" });
  await expect(dead).rejects.toMatchObject({ cause: { message: "ECONNREFUSED", isTemporary: true } });
  const never = await httpServer(() => {});
  const slow = sending(undefined, 200)({ kind: "slack", url: never });
  await expect(slow).rejects.toMatchObject({
    cause: { message: "it did not answer in time", isTemporary: true },
  });
});

const mail = {
  kind: "email" as const,
  from: "hitagi@example.org",
  to: ["me@example.org", "you@example.org"],
};

test("e-mail is sent over TLS with its user and password", async () => {
  const { ca, cert, key } = await makeAuthority();
  const starttls = await mailReceiver({ cert, key });
  const send = sending(ca);
  await send({ ...mail, url: `smtp://me%40example.org@127.0.0.1:${starttls.port}`, secret: "right" });
  expect(starttls.mails).toMatchObject([
    { from: mail.from, to: mail.to, user: "me@example.org", isSecure: true },
  ]);
  expect(starttls.mails[0]?.source).toContain(`Subject: Hitagi: ${message.title}`);
  expect(starttls.mails[0]?.source).toContain("Message-ID: <message-1@hitagi>");
  const tls = await mailReceiver({ secure: true, cert, key });
  await send({ ...mail, url: `smtps://127.0.0.1:${tls.port}` });
  expect(tls.mails).toHaveLength(1);
});

test("e-mail is not sent to a server without a trusted certificate, or without encryption unless that was asked for", async () => {
  const { cert, key } = await makeAuthority();
  const untrusted = await mailReceiver({ cert, key });
  await expect(sending()({ ...mail, url: `smtp://127.0.0.1:${untrusted.port}` })).rejects.toMatchObject({
    code: "NOTIFICATION_FAILED",
  });
  const plain = await mailReceiver({ disabledCommands: ["STARTTLS"] });
  const url = `smtp://127.0.0.1:${plain.port}`;
  await expect(sending()({ ...mail, url })).rejects.toMatchObject({ code: "NOTIFICATION_FAILED" });
  expect([...untrusted.mails, ...plain.mails]).toEqual([]);
  await sending()({ ...mail, url, plain: true });
  expect(plain.mails).toHaveLength(1);
});

test("a wrong password is final, a mail server that is busy is not", async () => {
  const { ca, cert, key } = await makeAuthority();
  const { port } = await mailReceiver({ cert, key });
  const wrong = sending(ca)({ ...mail, url: `smtp://me@127.0.0.1:${port}`, secret: "wrong" });
  await expect(wrong).rejects.toMatchObject({ cause: { isTemporary: false } });
  const busy = await mailReceiver({
    disabledCommands: ["STARTTLS"],
    onMailFrom: (_address, _session, done) => done(Object.assign(new Error("Later"), { responseCode: 451 })),
  });
  const later = sending()({ ...mail, url: `smtp://127.0.0.1:${busy.port}`, plain: true });
  await expect(later).rejects.toMatchObject({ cause: { isTemporary: true } });
});
