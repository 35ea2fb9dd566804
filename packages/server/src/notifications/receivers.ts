import { randomBytes } from "node:crypto";
import {
  HitagiError,
  notificationCauses,
  type Receiver,
  type ReceiverChange,
  type ReceiverKind,
} from "@hitagi/contract";
import type { Documents } from "../documents/documents.ts";
import { outboxDocument, receiversDocument, type StoredReceiver } from "./document.ts";
import type { NewReceiver, Receivers } from "./types.ts";

const invalid = (reason: string): HitagiError => new HitagiError("RECEIVER_INVALID", { reason });

const HTTP = ["http:", "https:"];
const SMTP = ["smtp:", "smtps:"];

/** @throws HitagiError RECEIVER_INVALID */
const checkMail = (url: URL, { from, to, plain, secret }: NewReceiver): void => {
  if (!SMTP.includes(url.protocol))
    throw invalid("the address of a mail server begins with smtp:// or smtps://");
  if (url.hostname === "") throw invalid("the address names no mail server");
  if (from === undefined || to === undefined)
    throw invalid("e-mail needs a sender (from) and recipients (to)");
  if (plain && url.protocol === "smtps:") throw invalid("smtps:// is encrypted, so plain does not fit");
  if (plain && secret !== undefined) throw invalid("a password is not sent without encryption");
  if ((url.username === "") !== (secret === undefined))
    throw invalid("a user in the address needs a password, and a password a user");
};

/** @throws HitagiError RECEIVER_INVALID */
const checkWeb = (url: URL, { kind, from, to, plain, secret }: NewReceiver): void => {
  if (!HTTP.includes(url.protocol)) throw invalid("the address is not http or https");
  if (url.username !== "") throw invalid("the address contains a user name; give a token instead");
  if (from !== undefined || to !== undefined || plain) throw invalid("from, to and plain are for e-mail");
  if (secret !== undefined && (kind === "discord" || kind === "slack"))
    throw invalid(`the secret of ${kind} is its address`);
  if (kind === "ntfy" && url.pathname.length < 2) throw invalid("the address of ntfy ends with a topic");
};

/**
 * Checks what the owner entered. The host may be of the local network, or this machine: only a key with all rights can name it, and a
 * request is sent there and nowhere else.
 * @throws HitagiError RECEIVER_INVALID
 */
const checkReceiver = (receiver: NewReceiver): void => {
  if (!URL.canParse(receiver.url)) throw invalid("its address is none");
  const url = new URL(receiver.url);
  if (url.password !== "") throw invalid("the address contains a password; give it as the secret");
  (receiver.kind === "email" ? checkMail : checkWeb)(url, receiver);
};

/** A key for webhooks in the form of Standard Webhooks. */
const newSigningKey = (): string => `whsec_${randomBytes(32).toString("base64")}`;

/** An address without its path and query, which may be secrets. */
const shownAddress = (address: string): string => {
  const { protocol, host, pathname } = new URL(address);
  return `${protocol}//${host}${pathname.length > 1 ? "/…" : ""}`;
};

const toReceiver = (stored: StoredReceiver, last: Receiver["last"]): Receiver => {
  const { name, kind, url, secret, from, to, plain, causes = [...notificationCauses], created } = stored;
  const mail = { ...(from !== undefined && { from }), ...(to && { to }), ...(plain && { plain }) };
  return {
    name,
    kind,
    address: shownAddress(url),
    hasSecret: secret !== undefined,
    ...mail,
    causes,
    created,
    last,
  };
};

const withSecret = <T extends { kind: ReceiverKind; secret?: string | undefined }>(receiver: T) => {
  const made = receiver.kind === "webhook" && receiver.secret === undefined ? newSigningKey() : undefined;
  return { made, receiver: { ...receiver, ...(made !== undefined && { secret: made }) } };
};

/**
 * A receiver after a change. A token or password that stays is not sent to another host: the change may come from a key whose holder
 * does not know it.
 * @throws HitagiError RECEIVER_INVALID
 */
const changedReceiver = (
  stored: StoredReceiver,
  { secret, causes, ...fields }: ReceiverChange,
): StoredReceiver => {
  const { secret: kept, causes: before, ...others } = stored;
  const [nextSecret, nextCauses] = [
    secret === undefined ? kept : secret,
    causes === undefined ? before : causes,
  ];
  const changed: StoredReceiver = {
    ...others,
    ...fields,
    ...(nextSecret !== null && nextSecret !== undefined && { secret: nextSecret }),
    ...(nextCauses && { causes: nextCauses }),
  };
  checkReceiver(changed);
  const isKept = secret === undefined && kept !== undefined && stored.kind !== "webhook";
  if (isKept && new URL(changed.url).host !== new URL(stored.url).host)
    throw invalid("its secret was given for another host; give it again");
  return changed;
};

export interface ReceiversDeps {
  documents: Pick<Documents, "read" | "change">;
  /** Epoch seconds. */
  now: () => number;
}

export const createReceivers = ({ documents, now }: ReceiversDeps): Receivers => {
  const find = async (name: string): Promise<StoredReceiver> => {
    const { receivers } = (await documents.read(receiversDocument)).value;
    const found = receivers.find((one) => one.name === name);
    if (found === undefined) throw new HitagiError("RECEIVER_NOT_FOUND", { name });
    return found;
  };
  return {
    find,
    list: async () => {
      const { receivers } = (await documents.read(receiversDocument)).value;
      const { results } = (await documents.read(outboxDocument)).value;
      return receivers.map((one) => toReceiver(one, results[one.name] ?? null));
    },
    create: async (given) => {
      checkReceiver(given);
      const { name } = given;
      const { made, receiver } = withSecret(given);
      const stored: StoredReceiver = { ...receiver, created: Math.floor(now()) };
      await documents.change(receiversDocument, ({ value: { receivers } }) => {
        if (receivers.some((one) => one.name === name)) throw new HitagiError("RECEIVER_EXISTS", { name });
        return { receivers: [...receivers, stored] };
      });
      return { receiver: toReceiver(stored, null), ...(made !== undefined && { secret: made }) };
    },
    update: async (name, change) => {
      let made: string | undefined;
      const { value } = await documents.change(receiversDocument, ({ value: { receivers } }) => {
        const stored = receivers.find((one) => one.name === name);
        if (stored === undefined) throw new HitagiError("RECEIVER_NOT_FOUND", { name });
        const changed = withSecret(changedReceiver(stored, change));
        made = changed.made;
        return { receivers: receivers.map((one) => (one === stored ? changed.receiver : one)) };
      });
      const changed = value.receivers.find((one) => one.name === name);
      if (changed === undefined) throw new HitagiError("RECEIVER_NOT_FOUND", { name });
      const { results } = (await documents.read(outboxDocument)).value;
      return {
        receiver: toReceiver(changed, results[name] ?? null),
        ...(made !== undefined && { secret: made }),
      };
    },
    delete: async (name) => {
      await documents.change(receiversDocument, ({ value: { receivers } }) => {
        if (!receivers.some((one) => one.name === name))
          throw new HitagiError("RECEIVER_NOT_FOUND", { name });
        return { receivers: receivers.filter((one) => one.name !== name) };
      });
      await documents.change(outboxDocument, ({ value }) => {
        const { [name]: _, ...results } = value.results;
        return { ...value, results };
      });
    },
  };
};
