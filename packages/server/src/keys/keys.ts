import { FIRST_KEY, HitagiError, type KeyInfo, type Scope } from "@hitagi/contract";
import type { Logger } from "pino";
import type { KeyRecord, KeyStore } from "../store/types.ts";
import { hashKey, isKeyOf, keyId, makeKey } from "./key-text.ts";
import { proofOf, sessionProofOf } from "./server-proof.ts";

/** The holder of a key. */
export interface KeyHolder {
  name: string;
  scope: Scope;
  /** Undefined for the server's first key, which cannot be revoked. */
  id?: string;
  /** The id of the browser's session that the request has in place of a key. */
  session?: string;
}

/** A key to create. */
export interface NewKey {
  name: string;
  scope: Scope;
  /** Epoch seconds; absent for a key that does not expire. */
  expires?: number | undefined;
}

/** The named API keys. The first key, of the configuration or the data folder, is not among them. */
export interface Keys {
  /** Creates a key. `key` is stored nowhere. @throws HitagiError KEY_EXISTS */
  create(wanted: NewKey): Promise<{ info: KeyInfo; key: string }>;
  list(): Promise<KeyInfo[]>;
  /** Refuses the key from the next request on. @throws HitagiError KEY_NOT_FOUND */
  revoke(name: string): Promise<void>;
  /** Calls the listeners: another node may have revoked or replaced keys. Rejects when a listener does. */
  recheck(): Promise<void>;
  /** Calls the listener after each revocation that this process knows of. @returns removes the listener */
  onRevoked(listener: () => Promise<void> | void): () => void;
  /** The holder of a key; undefined for a text that is none of these keys. @throws HitagiError KEY_EXPIRED */
  holderOf(text: string): Promise<KeyHolder | undefined>;
  /** Proves to a client that the server has the key of an id; null where it has none. */
  prove(id: string, nonce: string): Promise<string | null>;
  /** The holder of a key by its id, and a session's secret bound to the key; undefined if it is gone or has expired. */
  sessionProof(id: string, secret: string): Promise<{ holder: KeyHolder; proof: string } | undefined>;
  /** Whether a key still exists and has not expired. */
  isValid(id: string): Promise<boolean>;
}

export interface KeysDeps {
  store: KeyStore;
  log: Pick<Logger, "warn">;
  /** Epoch seconds. */
  now: () => number;
}

/** Seconds between two updates of a key's last use. */
const LAST_USE_EVERY = 60;

const infoOf = ({ hash: _, ...info }: KeyRecord): KeyInfo => info;

/**
 * The named keys of a store. Each use reads the store, so that a key that another node revoked is refused here too. An id
 * is no secret, so only the comparison of the hashes takes constant time.
 */
export const createKeys = ({ store, log, now }: KeysDeps): Keys => {
  const listeners = new Set<() => Promise<void> | void>();
  const recordUse = ({ id, lastUsed }: KeyRecord): void => {
    if (lastUsed !== null && now() - lastUsed < LAST_USE_EVERY) return;
    store
      .used(id, now())
      .catch((err: unknown) => log.warn({ err, key: id }, "the last use of a key could not be recorded"));
  };
  const hasExpired = ({ expires }: KeyRecord): boolean => expires !== null && now() >= expires;

  const recheck = async (): Promise<void> => {
    await Promise.all([...listeners].map((listener) => listener()));
  };
  return {
    create: async ({ name, scope, expires = null }) => {
      const { id, key } = makeKey();
      const record = { id, name, scope, hash: hashKey(key), created: now(), expires, lastUsed: null };
      const isFree = name.toLowerCase() !== FIRST_KEY && (await store.create(record));
      if (!isFree) throw new HitagiError("KEY_EXISTS", { name });
      return { info: infoOf(record), key };
    },
    list: async () => (await store.list()).map(infoOf),
    revoke: async (name) => {
      if (!(await store.delete(name))) throw new HitagiError("KEY_NOT_FOUND", { name });
      await recheck().catch((err: unknown) => log.warn({ err }, "a listener failed after a key was revoked"));
    },
    recheck,
    onRevoked: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    holderOf: async (text) => {
      const id = keyId(text);
      const record = id === undefined ? undefined : await store.get(id);
      if (record === undefined || !isKeyOf(text, record.hash)) return undefined;
      const { name, scope, expires } = record;
      if (hasExpired(record)) {
        throw new HitagiError("KEY_EXPIRED", { name, at: new Date((expires ?? 0) * 1000).toISOString() });
      }
      recordUse(record);
      return { id: record.id, name, scope };
    },
    prove: async (id, nonce) => {
      const record = await store.get(id);
      return record === undefined ? null : proofOf(Buffer.from(record.hash, "hex"), nonce);
    },
    sessionProof: async (id, secret) => {
      const record = await store.get(id);
      if (record === undefined || hasExpired(record)) return undefined;
      recordUse(record);
      const { name, scope, hash } = record;
      return { holder: { id, name, scope }, proof: sessionProofOf(Buffer.from(hash, "hex"), secret) };
    },
    isValid: async (id) => {
      const record = await store.get(id);
      return record !== undefined && !hasExpired(record);
    },
  };
};
