import { Scope } from "@hitagi/contract";
import { type Static, Type } from "typebox";

const Time = Type.Union([Type.Number(), Type.Null()]);

/** A named API key as it is stored. The key itself cannot be recovered from its hash. */
export const KeyRecord = Type.Object({
  /** Public; identifies the key of a request. */
  id: Type.String({ minLength: 1 }),
  name: Type.String({ minLength: 1 }),
  scope: Type.Unsafe<Scope>(Scope),
  /** SHA-256 of the whole key, hex. A key has 256 random bits, so a slow hash would add no protection. */
  hash: Type.String({ minLength: 1 }),
  created: Type.Number(),
  expires: Time,
  lastUsed: Time,
});
export type KeyRecord = Static<typeof KeyRecord>;

export interface KeyStore {
  /** The API key that LANraragi keeps in this store for both programs; undefined if there is none. */
  shared(): Promise<string | undefined>;
  /** The first key of all servers on this store; the candidate is stored if there is none. Only in a shared store. */
  first?(candidate: string): Promise<string>;
  /** Replaces the first key; answers false and changes nothing if it is not `before` any more. Only in a shared store. */
  replaceFirst?(before: string, next: string): Promise<boolean>;
  /** Adds a key; answers false and changes nothing if the name or the id exists. */
  create(key: KeyRecord): Promise<boolean>;
  get(id: string): Promise<KeyRecord | undefined>;
  /** Oldest first; those of one second in the order of their creation. */
  list(): Promise<KeyRecord[]>;
  /** Removes the key of that name; answers whether there was one. */
  delete(name: string): Promise<boolean>;
  /** Notes when a key was last used, if it exists. */
  used(id: string, at: number): Promise<void>;
}
