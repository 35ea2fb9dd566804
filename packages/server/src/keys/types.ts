import type { KeyInfo, Scope } from "@hitagi/contract";

/** The holder of a key. */
export interface KeyHolder {
  name: string;
  scope: Scope;
  /** Undefined for the server's first key, which cannot be revoked. */
  id?: string;
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
  /** Whether a key still exists and has not expired. */
  isValid(id: string): Promise<boolean>;
}
