import { timingSafeEqual } from "node:crypto";
import { HitagiError } from "@hitagi/contract";

/** Characters of the shortest and the longest key, in base64, that are told apart by how long comparing takes. */
const ROOM = { least: 128, most: 1024 };

/** The room for a key: a power of two, so that even who measures it learns next to nothing of the key's length. */
const roomFor = (length: number): number => {
  let room = ROOM.least;
  while (room < length) room *= 2;
  return room;
};

/** The text in a buffer of fixed length, so that comparing takes the same time whatever its length. */
const padded = (text: string, into: Buffer): Buffer => {
  into.fill(0).write(text);
  return into;
};

/** Tells whether a token is that of one key, in a time that says nothing of the key. @throws HitagiError CONFIG_INVALID */
const createComparison = (key: string): ((token: string) => boolean) => {
  const token = Buffer.from(key, "utf8").toString("base64");
  if (token.length > ROOM.most)
    throw new HitagiError("CONFIG_INVALID", { name: "HITAGI_API_KEY", reason: "too long" });
  const room = roomFor(token.length);
  const expected = padded(token, Buffer.alloc(room));
  const scratch = Buffer.alloc(room);
  return (given) => given.length <= room && timingSafeEqual(padded(given, scratch), expected);
};

/** The server's first key, the one that LANraragi's clients know. */
export interface FirstKey {
  /** Whether a token, the base64 of a key, is that of the key in force; the time that it takes says next to nothing of it. */
  isTokenOf(token: string): boolean;
  /** Puts another key in force: the one before is refused from the next request on. @throws HitagiError CONFIG_INVALID for one that is far too long */
  replace(key: string): void;
  /**
   * Makes another key, and puts it in force here; the one before is refused from the next request on.
   * @returns the new key
   * @throws HitagiError KEY_NOT_OWN where it is not ours to change, KEY_ROTATED where another server did it meanwhile, DISK_FULL, STORE_FAILED
   */
  rotate(): Promise<string>;
  /** Calls the listener each time that the key was replaced by another. @returns stops that */
  onReplaced(listener: () => void): () => void;
}

/** A key that was configured is its owner's to change. */
const refuse = async (): Promise<never> => {
  throw new HitagiError("KEY_NOT_OWN", { where: "HITAGI_API_KEY" });
};

/**
 * @param renew makes another key and keeps it where the next start finds it; absent where the key is configured
 * @throws HitagiError CONFIG_INVALID for a key that is far too long
 */
export const createFirstKey = (key: string, renew: () => Promise<string> = refuse): FirstKey => {
  const listeners = new Set<() => void>();
  let current = key;
  let compare = createComparison(key);
  const replace = (next: string): void => {
    if (next === current) return;
    compare = createComparison(next);
    current = next;
    for (const listener of listeners) listener();
  };
  return {
    isTokenOf: (token) => compare(token),
    replace,
    rotate: async () => {
      const next = await renew();
      replace(next);
      return next;
    },
    onReplaced: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
};
