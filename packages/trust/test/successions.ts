import { type VerifiedHead, verifyHead } from "../src/index.ts";
import { fileOf, seedOf, type Wanted } from "./fixture.ts";

/** A head that is judged by an accepted one; none at first contact. The outcome is how it follows, or the code of its refusal. */
export interface SuccessionCase {
  name: string;
  next: Buffer;
  accepted: Buffer | undefined;
  outcome: string;
}

/** The file of the head that follows one. */
const after = (before: Buffer, wanted: Wanted = {}): Buffer => {
  const { sequence, sha256, previous }: VerifiedHead = verifyHead(before);
  return fileOf({
    sequence: sequence + 1,
    previous: [{ sequence, sha256 }, ...previous].slice(0, 64),
    ...wanted,
  });
};

const first = fileOf();
const second = after(first);
const third = after(second);
const otherIndex = { index: "ab".repeat(32) };
const thief = { recoveryOf: seedOf("thief") };
const newSigning = { signingSeeds: [seedOf("new")] };
const newKeys = { epoch: 2, ...newSigning };
const moved = { movedTo: "https://example.net/p" };

const listed: [name: string, next: Buffer, accepted: Buffer | undefined, outcome: string][] = [
  ["at first contact", third, undefined, "first"],
  ["the accepted one again", third, third, "same"],
  ["the next one", second, first, "linked"],
  ["one further on", third, first, "linked"],
  ["one too far on to be linked", fileOf({ sequence: 90 }), first, "not-linked"],
  ["a new epoch with a lower sequence", fileOf({ ...newKeys, sequence: 1 }), third, "new-epoch"],
  ["a new epoch at another address", fileOf({ epoch: 2, ...moved }), third, "new-epoch"],
  ["of another origin", fileOf({ origin: "example.org/other" }), first, "ORIGIN_CHANGED"],
  ["of another recovery key", fileOf(thief), first, "RECOVERY_KEY_CHANGED"],
  ["of another recovery key in a new epoch", fileOf({ epoch: 2, ...thief }), first, "RECOVERY_KEY_CHANGED"],
  ["of an older epoch", third, fileOf(newKeys), "HEAD_ROLLED_BACK"],
  ["with other keys in the same epoch", after(first, newSigning), first, "KEYS_FORKED"],
  ["with another address in the same epoch", after(first, moved), first, "KEYS_FORKED"],
  ["of the same number with another index", fileOf(otherIndex), first, "HEAD_FORKED"],
  ["the one before", second, third, "REGISTRY_BEHIND"],
  ["another one before", after(first, otherIndex), third, "HEAD_FORKED"],
  ["one that is no longer listed", first, fileOf({ sequence: 90 }), "HEAD_ROLLED_BACK"],
  ["one that follows another", after(after(first, otherIndex)), second, "HEAD_FORKED"],
];

export const successions: readonly SuccessionCase[] = listed.map(([name, next, accepted, outcome]) => ({
  ...{ name, next, accepted, outcome },
}));
