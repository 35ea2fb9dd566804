import type { KeyInfo, Scope } from "@hitagi/contract";

/** Who is known by a key. */
export interface KeyHolder {
  name: string;
  scope: Scope;
  /** Undefined for the server's first key, which cannot be revoked. */
  id?: string;
}

/** What a new key is to be. */
export interface NewKey {
  name: string;
  scope: Scope;
  /** Epoch seconds; never where absent. */
  expires?: number | undefined;
}

/** The named API keys, beside the one that the configuration or the data folder gives. */
export interface Keys {
  /** Makes a key. `key` is kept nowhere. @throws HitagiError KEY_EXISTS */
  create(wanted: NewKey): Promise<{ info: KeyInfo; key: string }>;
  list(): Promise<KeyInfo[]>;
  /** Refuses the key from the next request on. @throws HitagiError KEY_NOT_FOUND */
  revoke(name: string): Promise<void>;
  /** Tells the listeners that keys may have been revoked or replaced elsewhere. Rejects where one could not find out. */
  recheck(): Promise<void>;
  /** Calls the listener after each change of the keys that this process learns of. @returns stops that */
  onRevoked(listener: () => Promise<void> | void): () => void;
  /** Whose key a text is, or undefined where it is none of these. @throws HitagiError KEY_EXPIRED */
  holderOf(text: string): Promise<KeyHolder | undefined>;
  /** Whether a key that was taken before would be taken now. */
  isValid(id: string): Promise<boolean>;
}
