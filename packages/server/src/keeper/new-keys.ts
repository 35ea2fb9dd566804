import {
  type CertifiedKeys,
  certifyKeys,
  makeSeed,
  publicKeyOf,
  recoveryName,
  verifierKey,
} from "@hitagi/trust";
import { KeeperError } from "./keeper-error.ts";
import type { SigningKey } from "./key-file.ts";

const ORIGIN = /^[a-z0-9./_-]{1,200}$/;

/** @throws KeeperError */
export const checkOrigin = (origin: string): string => {
  if (ORIGIN.test(origin)) return origin;
  throw new KeeperError(
    "This is not the name of a registry.",
    "Choose up to 200 of the characters a-z 0-9 . / _ -, such as example.org/plugins. Owners see it, and it never changes.",
  );
};

export interface Epoch {
  origin: string;
  epoch: number;
  movedTo?: string | undefined;
}

/** A new signing key of an epoch, certified by the recovery key. @param recovery the recovery key's seed */
export const makeSigningKey = ({ origin, epoch, movedTo }: Epoch, recovery: Buffer): SigningKey => {
  const seed = makeSeed();
  const keys = {
    origin,
    epoch,
    signing: [verifierKey(origin, publicKeyOf(seed))],
    recovery: recoveryKey(origin, recovery),
    ...(movedTo !== undefined && { movedTo }),
  };
  return { keys: { ...keys, certified: certifyKeys(keys, recovery) }, seed };
};

/** The recovery key of an origin. */
export const recoveryKey = (origin: string, seed: Buffer): CertifiedKeys["recovery"] =>
  verifierKey(recoveryName(origin), publicKeyOf(seed));
