import { HitagiError } from "@hitagi/contract";
import { createAgents, type Network, trusted } from "../net/http-agents.ts";
import type { StoredReceiver } from "./document.ts";
import { sendMail } from "./send-mail.ts";
import { sendWeb } from "./send-web.ts";
import { DeliveryFault, type Send } from "./types.ts";

/** Milliseconds that one attempt may take. */
const ATTEMPT_MS = 15_000;

const isWeb = (
  receiver: StoredReceiver,
): receiver is StoredReceiver & { kind: Exclude<StoredReceiver["kind"], "email"> } =>
  receiver.kind !== "email";

/** Sends messages over the owner's network. `close` ends the connections that are kept for reuse. */
export const createSend = (
  network: Network,
  timeoutMs: number = ATTEMPT_MS,
): { send: Send; close(): Promise<void> } => {
  const { named, close } = createAgents(network);
  const send: Send = async (receiver, message, signal) => {
    const ends = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    try {
      if (isWeb(receiver)) await sendWeb(await named(), receiver, message, ends);
      else await sendMail(receiver, message, { ca: trusted(network), timeoutMs });
    } catch (cause) {
      if (!(cause instanceof DeliveryFault)) throw cause;
      throw new HitagiError("NOTIFICATION_FAILED", { name: receiver.name, reason: cause.message }, { cause });
    }
  };
  return { send, close };
};
