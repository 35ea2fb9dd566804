import { randomUUID } from "node:crypto";
import type { FastifyInstance } from "fastify";
import type { Services } from "../../services.ts";
import { disconnectSignal, handle } from "../route.ts";

/** Receivers of notifications. */
export const notificationRoutes = (app: FastifyInstance, { receivers, sendNotification }: Services): void => {
  handle(app, "listReceivers", async () => ({ receivers: await receivers.list() }));
  handle(app, "createReceiver", async ({ body }, { reply }) => {
    reply.header("cache-control", "no-store");
    return receivers.create(body);
  });
  handle(app, "updateReceiver", async ({ params: { name }, body }, { reply }) => {
    reply.header("cache-control", "no-store");
    return receivers.update(name, body);
  });
  handle(app, "testReceiver", async ({ params: { name } }, { reply }) => {
    const message = {
      ...{ id: randomUUID(), cause: "test" as const, time: Date.now() / 1000, more: 0 },
      ...{ title: "This is a test", items: ["Messages of this server reach you."] },
    };
    await sendNotification(await receivers.find(name), message, disconnectSignal(reply));
    return { successMessage: `${name} took a test message.` };
  });
  handle(app, "deleteReceiver", async ({ params: { name } }) => {
    await receivers.delete(name);
    return { successMessage: `The receiver ${name} was removed.` };
  });
};
