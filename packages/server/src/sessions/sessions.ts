import { randomBytes } from "node:crypto";
import { FIRST_KEY, HitagiError, type SessionInfo } from "@hitagi/contract";
import type { Documents } from "../documents/documents.ts";
import type { FirstKey } from "../keys/first-key.ts";
import type { KeyHolder, Keys } from "../keys/keys.ts";
import { isProof } from "../keys/server-proof.ts";
import { type SessionList, type SessionRecord, sessionDocument } from "./document.ts";

const HOUR = 3600;
const DAY = 24 * HOUR;

/** Seconds after which a session gets another secret. */
const ROTATE_AFTER = 12 * HOUR;
/** Seconds for which the secret before it still counts. */
const PREVIOUS_FOR = 60;
/** Seconds without a use after which a session ends. */
export const IDLE_FOR = 30 * DAY;
/** Seconds for which an invitation counts. */
const INVITE_FOR = 5 * 60;

/** The most sessions, so that their document stays small. The one that was used least lately ends first. */
const MAX_SESSIONS = 500;
const MAX_INVITES = 20;
const MAX_DEVICE = 200;

/** A session with the secret that its browser keeps. */
export interface OpenedSession {
  holder: KeyHolder;
  info: SessionInfo;
  csrf: string;
  /** The value of the cookie; absent if the browser keeps the one that it has. */
  cookie?: string;
}

/**
 * The sessions of browsers. A cookie is a session's id and a secret of 256 random bits; the store keeps the secret bound to the
 * session's key. So a session ends with its key, on every server and also if the key changes while no server runs.
 */
export interface Sessions {
  /** Whether a browser has ever signed in. */
  wasUsed(): Promise<boolean>;
  /** Begins a session with another id and secret than any before. */
  begin(holder: KeyHolder, device: string): Promise<OpenedSession>;
  /** The session of a cookie; undefined for any other text, and for one that has ended. */
  find(cookie: string): Promise<OpenedSession | undefined>;
  /** The same, noting its use, and with another secret if its own is old. */
  renew(cookie: string): Promise<OpenedSession | undefined>;
  list(): Promise<SessionInfo[]>;
  /** Whether a session has not ended. Its key is not checked. */
  isOpen(id: string): Promise<boolean>;
  /** @throws HitagiError SESSION_NOT_FOUND */
  end(id: string): Promise<void>;
  /** Forgets the sessions of a key that has gone; null for the server's first key. */
  forgetKey(key: string | null): Promise<void>;
  /** Calls the listener after sessions ended here. @returns removes the listener */
  onEnded(listener: () => void): () => void;
  /** A code that begins one session with the rights of this holder. */
  invite(holder: KeyHolder): Promise<{ code: string; expires: number }>;
  /** @throws HitagiError INVITE_INVALID */
  accept(code: string, device: string): Promise<OpenedSession>;
}

export interface SessionsDeps {
  documents: Documents;
  keys: Pick<Keys, "sessionProof" | "list">;
  firstKey: Pick<FirstKey, "sessionProof">;
  /** Epoch seconds. */
  now: () => number;
}

const secretText = (): string => randomBytes(32).toString("base64url");

const COOKIE = /^([0-9a-f]{16})\.([A-Za-z0-9_-]{43})$/;

export const createSessions = ({ documents, keys, firstKey, now }: SessionsDeps): Sessions => {
  const listeners = new Set<() => void>();
  const isIdle = ({ used }: SessionRecord): boolean => now() - used >= IDLE_FOR;
  const without = (list: SessionList): SessionList => ({
    sessions: list.sessions.filter((one) => !isIdle(one)),
    invites: list.invites.filter(({ expires }) => expires > now()),
  });
  const change = (next: (list: SessionList) => SessionList): Promise<unknown> =>
    documents.change(sessionDocument, ({ value }) => next(without(value)));
  const records = async (): Promise<SessionRecord[]> =>
    (await documents.read(sessionDocument)).value.sessions.filter((one) => !isIdle(one));

  /** The holder of a key, and a secret bound to the key as it is now. */
  const bind = async (
    key: string | null,
    secret: string,
  ): Promise<{ holder: KeyHolder; proof: string } | undefined> =>
    key === null
      ? { holder: { name: FIRST_KEY, scope: "manage" }, proof: firstKey.sessionProof(secret) }
      : keys.sessionProof(key, secret);

  const infoOf = (record: SessionRecord, { name, scope }: KeyHolder, current: boolean): SessionInfo => {
    const { id, created, used, device } = record;
    return { id, key: name, scope, created, used, expires: used + IDLE_FOR, device, current };
  };
  const opened = (record: SessionRecord, holder: KeyHolder, cookie?: string): OpenedSession => ({
    holder: { ...holder, session: record.id },
    info: infoOf(record, holder, true),
    csrf: record.csrf,
    ...(cookie !== undefined && { cookie }),
  });

  const lookUp = async (cookie: string) => {
    const [, id, secret] = COOKIE.exec(cookie) ?? [];
    if (id === undefined || secret === undefined) return undefined;
    const record = (await records()).find((one) => one.id === id);
    const bound = record && (await bind(record.key, secret));
    if (!bound) return undefined;
    const { proof, previous } = record;
    const isPrevious =
      previous !== undefined && previous.until > now() && isProof(bound.proof, previous.proof);
    return isPrevious || isProof(bound.proof, proof)
      ? { record, holder: bound.holder, isPrevious }
      : undefined;
  };

  const begin = async (holder: KeyHolder, device: string): Promise<OpenedSession> => {
    const secret = secretText();
    const key = holder.id ?? null;
    const bound = await bind(key, secret);
    if (!bound) throw new HitagiError("UNAUTHORIZED");
    const at = now();
    const record: SessionRecord = {
      id: randomBytes(8).toString("hex"),
      key,
      proof: bound.proof,
      csrf: secretText(),
      created: at,
      rotated: at,
      used: at,
      device: device.slice(0, MAX_DEVICE),
    };
    await change(({ sessions, invites }) => {
      const latest = [...sessions].sort((a, b) => b.used - a.used).slice(0, MAX_SESSIONS - 1);
      return { sessions: [record, ...latest], invites };
    });
    return opened(record, bound.holder, `${record.id}.${secret}`);
  };

  const renew = async (cookie: string): Promise<OpenedSession | undefined> => {
    const found = await lookUp(cookie);
    if (!found) return undefined;
    const { record, holder, isPrevious } = found;
    const at = now();
    const isOld = !isPrevious && at - record.rotated >= ROTATE_AFTER;
    if (!isOld && at - record.used < HOUR) return opened(record, holder);
    const secret = secretText();
    const bound = isOld ? await bind(record.key, secret) : undefined;
    const rotated = bound && {
      proof: bound.proof,
      rotated: at,
      previous: { proof: record.proof, until: at + PREVIOUS_FOR },
    };
    // Another request may have rotated it meanwhile: then this one keeps its secret, which is the one before.
    let isApplied = false;
    await change(({ sessions, invites }) => {
      const changed = sessions.map((one) => {
        if (one.id !== record.id) return one;
        isApplied = rotated !== undefined && one.proof === record.proof;
        return { ...one, used: at, ...(isApplied && rotated) };
      });
      return { sessions: changed, invites };
    });
    const renewed = { ...record, used: at };
    return isApplied ? opened(renewed, holder, `${record.id}.${secret}`) : opened(renewed, holder);
  };

  const remove = async (isEnded: (record: SessionRecord) => boolean): Promise<void> => {
    if (!(await records()).some(isEnded)) return;
    await change(({ sessions, invites }) => ({ sessions: sessions.filter((one) => !isEnded(one)), invites }));
    for (const listener of listeners) listener();
  };

  return {
    wasUsed: async () => (await documents.read(sessionDocument)).revision > 0,
    begin,
    renew,
    find: async (cookie) => {
      const found = await lookUp(cookie);
      return found && opened(found.record, found.holder);
    },
    list: async () => {
      const [all, named] = await Promise.all([records(), keys.list()]);
      const holderOf = (key: string | null): KeyHolder | undefined =>
        key === null ? { name: FIRST_KEY, scope: "manage" } : named.find(({ id }) => id === key);
      return all.flatMap((record) => {
        const holder = holderOf(record.key);
        return holder ? [infoOf(record, holder, false)] : [];
      });
    },
    isOpen: async (id) => (await records()).some((one) => one.id === id),
    end: async (id) => {
      if (!(await records()).some((one) => one.id === id)) throw new HitagiError("SESSION_NOT_FOUND", { id });
      await remove((one) => one.id === id);
    },
    forgetKey: (key) => remove((one) => one.key === key),
    onEnded: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    invite: async (holder) => {
      const code = secretText();
      const key = holder.id ?? null;
      const bound = await bind(key, code);
      if (!bound) throw new HitagiError("UNAUTHORIZED");
      const expires = now() + INVITE_FOR;
      await change(({ sessions, invites }) => ({
        sessions,
        invites: [{ key, proof: bound.proof, expires }, ...invites].slice(0, MAX_INVITES),
      }));
      return { code, expires };
    },
    accept: async (code, device) => {
      let accepted: KeyHolder | undefined;
      const { invites } = (await documents.read(sessionDocument)).value;
      for (const { key, proof, expires } of invites) {
        const bound = expires > now() ? await bind(key, code) : undefined;
        if (!bound || !isProof(bound.proof, proof)) continue;
        let isFirst = false;
        await change((list) => {
          const rest = list.invites.filter((one) => one.proof !== proof);
          // Of two browsers with one code, the first has it.
          isFirst = rest.length < list.invites.length;
          return { ...list, invites: rest };
        });
        if (isFirst) accepted = bound.holder;
      }
      if (!accepted) throw new HitagiError("INVITE_INVALID");
      return begin(accepted, device);
    },
  };
};
