import { createHmac } from "node:crypto";
import type { NotificationMessage, ReceiverKind } from "@hitagi/contract";
import type { Dispatcher } from "undici";
import type { StoredReceiver } from "./document.ts";
import { bodyText, plainText } from "./message-text.ts";
import { DeliveryFault } from "./types.ts";

type WebKind = Exclude<ReceiverKind, "email">;
type WebRequest = { url: string; body: string; headers: Record<string, string> };

/** Discord refuses longer texts. */
const MAX_CHAT_TEXT = 1900;
const KEY_PREFIX = "whsec_";

const JSON_TYPE = { "content-type": "application/json" };

const chatText = (message: NotificationMessage): string => {
  const text = plainText(message);
  return text.length > MAX_CHAT_TEXT ? `${text.slice(0, MAX_CHAT_TEXT - 1)}…` : text;
};

/** The key's bytes; a key without the prefix of Standard Webhooks is used as it is written. */
const signingKey = (secret: string): Buffer =>
  secret.startsWith(KEY_PREFIX)
    ? Buffer.from(secret.slice(KEY_PREFIX.length), "base64")
    : Buffer.from(secret);

/**
 * The signature of a webhook by Standard Webhooks (https://www.standardwebhooks.com): HMAC-SHA-256 in base64 over the id, the time of
 * the attempt and the body, joined by dots.
 */
export const signature = (secret: string, id: string, timestamp: string, body: string): string =>
  `v1,${createHmac("sha256", signingKey(secret)).update(`${id}.${timestamp}.${body}`).digest("base64")}`;

const webhook = ({ url, secret = "" }: StoredReceiver, message: NotificationMessage): WebRequest => {
  const body = JSON.stringify({ ...message, text: plainText(message) });
  const timestamp = String(Math.floor(Date.now() / 1000));
  const headers = {
    ...JSON_TYPE,
    "webhook-id": message.id,
    "webhook-timestamp": timestamp,
    "webhook-signature": signature(secret, message.id, timestamp, body),
  };
  return { url, body, headers };
};

/** In ntfy's JSON form, because its headers hold ASCII only (https://docs.ntfy.sh/publish/#publish-as-json). */
const ntfy = ({ url, secret }: StoredReceiver, message: NotificationMessage): WebRequest => {
  const { origin, pathname } = new URL(url);
  const at = pathname.replace(/\/+$/, "").lastIndexOf("/");
  const topic = decodeURIComponent(pathname.slice(at + 1).replace(/\/+$/, ""));
  const text = bodyText(message);
  const body = JSON.stringify({ topic, title: `Hitagi: ${message.title}`, ...(text && { message: text }) });
  const headers = { ...JSON_TYPE, ...(secret !== undefined && { authorization: `Bearer ${secret}` }) };
  return { url: `${origin}${pathname.slice(0, at + 1)}`, body, headers };
};

/** Texts of plugins and files must not mention people. */
const discord = ({ url }: StoredReceiver, message: NotificationMessage): WebRequest => ({
  url,
  body: JSON.stringify({ content: chatText(message), allowed_mentions: { parse: [] } }),
  headers: JSON_TYPE,
});

/** Slack reads `<…>` as links and mentions, so these characters are escaped as its guide says. */
const slack = ({ url }: StoredReceiver, message: NotificationMessage): WebRequest => {
  const text = chatText(message).replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  return { url, body: JSON.stringify({ text }), headers: JSON_TYPE };
};

const forms: Record<WebKind, typeof webhook> = { webhook, ntfy, discord, slack };

const isTemporary = (status: number): boolean => status >= 500 || [408, 425, 429].includes(status);

const secondsIn = (header: string | string[] | undefined): number | undefined => {
  const seconds = Number(header);
  return header !== undefined && Number.isFinite(seconds) && seconds >= 0 ? seconds : undefined;
};

/**
 * Sends a message by HTTP. Redirects are not followed, and of the answer only its status is used, so that a message reaches the
 * address that the owner entered and no other.
 * @throws DeliveryFault
 */
export const sendWeb = async (
  dispatcher: Dispatcher,
  receiver: StoredReceiver & { kind: WebKind },
  message: NotificationMessage,
  signal: AbortSignal,
): Promise<void> => {
  const { url, body, headers } = forms[receiver.kind](receiver, message);
  const { origin, pathname, search } = new URL(url);
  const request = { origin, path: pathname + search, method: "POST", body, headers, signal } as const;
  const answer = await dispatcher.request(request).catch((error: unknown) => {
    const { code, message: text } = error as { code?: string; message: string };
    throw new DeliveryFault(signal.aborted ? "it did not answer in time" : (code ?? text), true);
  });
  await answer.body.dump().catch(() => {});
  const { statusCode: status } = answer;
  if (status >= 200 && status < 300) return;
  throw new DeliveryFault(
    `it answered with ${status}`,
    isTemporary(status),
    secondsIn(answer.headers["retry-after"]),
  );
};
