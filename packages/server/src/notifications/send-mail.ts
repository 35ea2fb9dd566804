import type { NotificationMessage } from "@hitagi/contract";
import type { StoredReceiver } from "./document.ts";
import { plainText } from "./message-text.ts";
import { DeliveryFault } from "./types.ts";

const PORTS = { "smtp:": 587, "smtps:": 465 } as const;

export interface MailOptions {
  /** All trusted authorities; the default ones if undefined. */
  ca?: string[] | undefined;
  timeoutMs: number;
}

interface SmtpError {
  message: string;
  code?: string;
  /** The answer of the mail server, of which 5xx is final (RFC 5321 §4.2.1). */
  responseCode?: number;
}

const faultOf = (error: unknown): DeliveryFault => {
  const { message, code, responseCode } = error as SmtpError;
  const isFinal = code === "EAUTH" || (responseCode !== undefined && responseCode >= 500);
  return new DeliveryFault(message.split("\n", 1)[0] ?? "", !isFinal);
};

/**
 * Sends a message by SMTP, with TLS unless the owner chose otherwise. Each message has a connection of its own.
 * @throws DeliveryFault
 */
export const sendMail = async (
  receiver: StoredReceiver,
  message: NotificationMessage,
  { ca, timeoutMs }: MailOptions,
): Promise<void> => {
  // Most servers send no mail, and reading the library takes part of their start.
  const { createTransport } = await import("nodemailer");
  const { protocol, hostname, port, username } = new URL(receiver.url);
  const isSecure = protocol === "smtps:";
  const transport = createTransport({
    host: hostname.replace(/^\[|\]$/g, ""),
    port: Number(port) || PORTS[isSecure ? "smtps:" : "smtp:"],
    secure: isSecure,
    requireTLS: !isSecure && !receiver.plain,
    ignoreTLS: receiver.plain === true,
    ...(receiver.secret !== undefined && {
      auth: { user: decodeURIComponent(username), pass: receiver.secret },
    }),
    ...(ca && { tls: { ca } }),
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  try {
    await transport.sendMail({
      from: { name: "Hitagi", address: receiver.from ?? "" },
      to: receiver.to ?? [],
      subject: `Hitagi: ${message.title}`,
      text: plainText(message),
      messageId: `<${message.id}@hitagi>`,
    });
  } catch (error) {
    throw faultOf(error);
  } finally {
    transport.close();
  }
};
