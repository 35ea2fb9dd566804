import { randomBytes, timingSafeEqual } from "node:crypto";
import { HitagiError } from "@hitagi/contract";
import type { Logger } from "pino";
import type { KeyStore } from "../store/types.ts";
import { generateKey, readApiKey, writeApiKey } from "./api-key-file.ts";
import { digestOf } from "./key-text.ts";
import { jobTokenOf, proofOf, proofSecret, saltFor, sessionProofOf } from "./server-proof.ts";

/** Characters of the longest key, in base64. */
const MAX_TOKEN = 1024;

/** The server's first key, which LANraragi's clients send. */
export interface FirstKey {
  /** Whether a token, the base64 of a key, is the current key's. Takes constant time. */
  isTokenOf(token: string): boolean;
  /** Proves to a client that the server has the key, see {@link proofOf}. */
  prove(nonce: string): Promise<{ salt: string | null; proof: string }>;
  /** Shows the state of a job without a key, see {@link jobTokenOf}. Another key makes other tokens. */
  jobToken(job: number): string;
  /** Binds the secret of a session to the key, see {@link sessionProofOf}. */
  sessionProof(secret: string): string;
  /** Replaces the key. The next request with the old one is refused. @throws HitagiError CONFIG_INVALID for a key that is too long */
  replace(key: string): void;
  /**
   * Generates a key, and replaces the current one by it.
   * @returns the new key
   * @throws HitagiError KEY_NOT_OWN, KEY_ROTATED where another server did it at the same time, DISK_FULL, STORE_FAILED
   */
  rotate(): Promise<string>;
  /** Calls the listener after each replacement. @returns removes the listener */
  onReplaced(listener: () => void): () => void;
}

const tokenDigest = (key: string): Buffer => {
  const token = Buffer.from(key, "utf8").toString("base64");
  if (token.length <= MAX_TOKEN) return digestOf(token);
  throw new HitagiError("CONFIG_INVALID", { name: "HITAGI_API_KEY", reason: "too long" });
};

/** A key with what is derived from it. */
const derive = (key: string) => {
  const expected = tokenDigest(key);
  const salt = saltFor(key);
  // A token of a short key would let its reader guess the key; servers with such a key know only their own tokens.
  const signing = salt === null ? expected : randomBytes(32);
  let secret: Promise<Buffer> | undefined;
  return {
    key,
    isTokenOf: (token: string): boolean => timingSafeEqual(digestOf(token), expected),
    jobToken: (job: number): string => jobTokenOf(signing, job),
    sessionProof: (text: string): string => sessionProofOf(expected, text),
    prove: async (nonce: string) => {
      secret ??= proofSecret(key, salt);
      return { salt, proof: proofOf(await secret, nonce) };
    },
  };
};

const refuseRotation = async (): Promise<never> => {
  throw new HitagiError("KEY_NOT_OWN", { where: "HITAGI_API_KEY" });
};

/**
 * @param renew generates and stores the next key, see {@link createKeyRotation}; absent where the configuration gives the key
 * @throws HitagiError CONFIG_INVALID for a key that is too long
 */
export const createFirstKey = (key: string, renew: () => Promise<string> = refuseRotation): FirstKey => {
  const listeners = new Set<() => void>();
  let current = derive(key);
  const replace = (next: string): void => {
    if (next === current.key) return;
    current = derive(next);
    for (const listener of listeners) listener();
  };
  return {
    isTokenOf: (token) => current.isTokenOf(token),
    prove: (nonce) => current.prove(nonce),
    jobToken: (job) => current.jobToken(job),
    sessionProof: (text) => current.sessionProof(text),
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

type FirstKeyStore = Pick<KeyStore, "shared" | "first" | "replaceFirst">;

/**
 * Generates a first key and stores it: in the store, for all servers on it, or else in the data folder's file.
 * @throws HitagiError KEY_NOT_OWN where another program owns the key, KEY_ROTATED, DISK_FULL, STORE_FAILED; errors of the store
 */
export const createKeyRotation =
  (keys: FirstKeyStore, data: string): (() => Promise<string>) =>
  async () => {
    if ((await keys.shared()) !== undefined)
      throw new HitagiError("KEY_NOT_OWN", { where: "LANraragi's settings" });
    const next = generateKey();
    if (!keys.first || !keys.replaceFirst) await writeApiKey(data, next);
    else if (!(await keys.replaceFirst(await keys.first(next), next))) throw new HitagiError("KEY_ROTATED");
    return next;
  };

export interface ApplySharedKeyDeps {
  keys: FirstKeyStore;
  data: string;
  firstKey: Pick<FirstKey, "replace">;
  log: Pick<Logger, "info" | "error">;
}

/** Reads the first key of all servers from the store, uses it, and writes it to the data folder. @throws errors of the store */
export const applySharedKey = async ({ keys, data, firstKey, log }: ApplySharedKeyDeps): Promise<void> => {
  const key = (await keys.shared()) ?? (await keys.first?.(generateKey()));
  if (key === undefined) return;
  firstKey.replace(key);
  try {
    if ((await readApiKey(data)) === key) return;
    await writeApiKey(data, key);
    log.info("the servers' API key was changed: the new one is active, and in the data folder's api-key");
  } catch (err) {
    log.error({ err }, "the new API key is active, but could not be written to the data folder's api-key");
  }
};
