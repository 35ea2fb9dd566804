import { expect, onTestFinished, test } from "vitest";
import { createSend } from "../../src/notifications/send.ts";
import { webReceiver } from "../notifications/receivers-at-work.ts";
import { httpServer } from "../support/http-server.ts";

const message = {
  id: "1",
  cause: "jobs" as const,
  time: 1,
  title: "t",
  items: ["<!channel> @everyone"],
  more: 0,
};

const sendTo = (url: string, timeoutMs?: number) => {
  const { send, close } = createSend({}, timeoutMs);
  onTestFinished(close);
  const receiver = { name: "it", kind: "webhook" as const, url, secret: "s", created: 1 };
  return send(receiver, message, new AbortController().signal);
};

test.each([301, 302, 303, 307, 308])("by a redirect (%i): it is not followed", async (status) => {
  const inner = await webReceiver();
  const { url, received } = await webReceiver((_, response) =>
    response.writeHead(status, { location: inner.url }),
  );
  await expect(sendTo(url)).rejects.toMatchObject({
    message: `it did not take the message: it answered with ${status}.`,
    cause: { isTemporary: false },
  });
  expect([received.length, inner.received]).toEqual([1, []]);
});

test("by its answer: nothing of it but the status is told", async () => {
  const { url } = await webReceiver((_, response) => {
    response.writeHead(400);
    response.write("root:x:0:0:root");
  });
  await expect(sendTo(url)).rejects.toMatchObject({
    message: "it did not take the message: it answered with 400.",
  });
});

test("an answer without end ends with the attempt", async () => {
  const url = await httpServer((request, response) => {
    response.writeHead(200);
    const pour = (): void => {
      if (!request.socket.destroyed) response.write(Buffer.alloc(65_536), () => setImmediate(pour));
    };
    pour();
  });
  await sendTo(url, 2000);
});
