import { Type } from "typebox";
import { Receiver, ReceiverChange, ReceiverName, receiverFields } from "../notifications.ts";
import { answer, routes } from "./route.ts";

const byName = Type.Object({ name: ReceiverName });

export const notificationRoutes = routes({
  listReceivers: {
    method: "GET",
    path: "/api/notifications/receivers",
    operation: "list_receivers",
    summary: "The receivers of notifications, without their secrets, and how the last message to each ended",
    tag: "notifications",
    scope: "manage",
    response: answer("list_receivers", { receivers: Type.Array(Receiver) }),
  },
  createReceiver: {
    method: "POST",
    path: "/api/notifications/receivers",
    operation: "create_receiver",
    summary:
      "Send messages to a webhook, ntfy, Discord, Slack or mail addresses. The host may be in the local network",
    tag: "notifications",
    scope: "manage",
    body: Type.Object(receiverFields, { additionalProperties: false }),
    example: { name: "phone", kind: "ntfy", url: "https://ntfy.example.org/hitagi" },
    response: answer("create_receiver", {
      receiver: Receiver,
      /** The signing key that the server made for a webhook; only this response shows it. */
      secret: Type.Optional(Type.String()),
    }),
  },
  updateReceiver: {
    method: "PUT",
    path: "/api/notifications/receivers/:name",
    operation: "update_receiver",
    summary: "Change a receiver; what is absent stays, its secret too",
    tag: "notifications",
    scope: "manage",
    params: byName,
    body: ReceiverChange,
    example: { url: "https://ntfy.example.org/another-topic", causes: ["jobs", "updates"] },
    response: answer("update_receiver", {
      receiver: Receiver,
      /** The signing key that the server made for a webhook; only this response shows it. */
      secret: Type.Optional(Type.String()),
    }),
  },
  testReceiver: {
    method: "POST",
    path: "/api/notifications/receivers/:name/test",
    operation: "test_receiver",
    summary: "Send a test message now, once",
    tag: "notifications",
    scope: "manage",
    params: byName,
    response: answer("test_receiver", { successMessage: Type.String() }),
  },
  deleteReceiver: {
    method: "DELETE",
    path: "/api/notifications/receivers/:name",
    operation: "delete_receiver",
    summary: "Remove a receiver; messages that wait for it are dropped",
    tag: "notifications",
    scope: "manage",
    params: byName,
    response: answer("delete_receiver", { successMessage: Type.String() }),
  },
});
