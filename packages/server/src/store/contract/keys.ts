import type { Scope } from "@hitagi/contract";

/** A named API key as it is stored: its hash, from which nobody gets the key. */
export interface KeyRecord {
  /** Public; tells which key a request brings. */
  id: string;
  name: string;
  scope: Scope;
  /** SHA-256 of the whole key, hex. A key has 256 random bits, so that a slow hash would protect nothing more. */
  hash: string;
  created: number;
  expires: number | null;
  lastUsed: number | null;
}

export interface KeyStore {
  /** The API key that another program keeps in this store for both; undefined where there is none. */
  shared(): Promise<string | undefined>;
  /**
   * The first key of all servers on this store: the one that is kept, else this one, which is kept from now on. Absent where a store
   * belongs to one server.
   */
  first?(candidate: string): Promise<string>;
  /**
   * Puts another first key in the place of the one before, which counts as a change of the keys. Answers false and changes nothing where
   * that is not kept any more. Absent together with `first`.
   */
  replaceFirst?(before: string, next: string): Promise<boolean>;
  /** Adds a key; answers false and changes nothing where the name or the id exists. */
  create(key: KeyRecord): Promise<boolean>;
  get(id: string): Promise<KeyRecord | undefined>;
  /** Oldest first; those of one second in the order of their creation. */
  list(): Promise<KeyRecord[]>;
  /** Removes the key of that name; answers whether there was one. */
  delete(name: string): Promise<boolean>;
  /** Notes when a key was used last. Nothing happens where it is gone. */
  used(id: string, at: number): Promise<void>;
}
