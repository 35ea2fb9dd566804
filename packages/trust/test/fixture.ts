import { createHash } from "node:crypto";
import { certifyKeys, type Head, publicKeyOf, recoveryName, signHead, verifierKey } from "../src/index.ts";

/** A seed that is the same in every run. */
export const seedOf = (name: string): Buffer => createHash("sha256").update(name).digest();

export const ORIGIN = "example.org/plugins";
export const signingSeed = seedOf("signing");
export const recoverySeed = seedOf("recovery");

const hashOf = (text: string): string => createHash("sha256").update(text).digest("hex");

export interface Wanted extends Partial<Head> {
  signingSeeds?: Buffer[];
  recoveryOf?: Buffer;
}

/** A head that is certified by the recovery key, with the given fields changed. */
export const headOf = ({
  signingSeeds = [signingSeed],
  recoveryOf = recoverySeed,
  ...fields
}: Wanted = {}): Head => {
  const origin = fields.origin ?? ORIGIN;
  const keys = {
    origin,
    epoch: fields.epoch ?? 1,
    signing: signingSeeds.map((seed) => verifierKey(origin, publicKeyOf(seed))),
    recovery: verifierKey(recoveryName(origin), publicKeyOf(recoveryOf)),
    ...(fields.movedTo !== undefined && { movedTo: fields.movedTo }),
  };
  return {
    ...keys,
    certified: certifyKeys(keys, recoveryOf),
    sequence: 1,
    time: "2026-11-29T12:00:00Z",
    index: hashOf("index"),
    previous: [],
    unknown: [],
    ...fields,
  };
};

/** The file of such a head. */
export const fileOf = (wanted: Wanted = {}): Buffer =>
  Buffer.from(signHead(headOf(wanted), wanted.signingSeeds?.[0] ?? signingSeed));
