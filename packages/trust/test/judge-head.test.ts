import { expect, test } from "vitest";
import { judgeHead, type VerifiedHead, verifyHead } from "../src/index.ts";
import { fileOf, seedOf, type Wanted } from "./fixture.ts";

const head = (wanted: Wanted = {}): VerifiedHead => verifyHead(fileOf(wanted));

/** The head that follows one. */
const after = (before: VerifiedHead, wanted: Wanted = {}): VerifiedHead =>
  head({
    sequence: before.sequence + 1,
    previous: [{ sequence: before.sequence, sha256: before.sha256 }, ...before.previous].slice(0, 64),
    ...wanted,
  });

const first = head();
const second = after(first);
const third = after(second);

const judged = (next: VerifiedHead, accepted?: VerifiedHead): unknown => {
  try {
    return judgeHead(next, accepted);
  } catch (e) {
    return (e as { code?: string }).code ?? e;
  }
};

const newKeys = { epoch: 2, signingSeeds: [seedOf("new")] };

test.each<[string, VerifiedHead, VerifiedHead | undefined, string]>([
  ["at first contact", third, undefined, "first"],
  ["the accepted one again", third, head({ ...third, certified: third.certified }), "same"],
  ["the next one", second, first, "linked"],
  ["one further on", third, first, "linked"],
  ["one too far on to be linked", head({ sequence: 90 }), first, "not-linked"],
  ["a new epoch with a lower sequence", head({ ...newKeys, sequence: 1 }), third, "new-epoch"],
  [
    "a new epoch at another address",
    head({ epoch: 2, movedTo: "https://example.net/p" }),
    third,
    "new-epoch",
  ],
  ["of another origin", head({ origin: "example.org/other" }), first, "ORIGIN_CHANGED"],
  ["of another recovery key", head({ recoveryOf: seedOf("thief") }), first, "RECOVERY_KEY_CHANGED"],
  [
    "of another recovery key in a new epoch",
    head({ epoch: 2, recoveryOf: seedOf("thief") }),
    first,
    "RECOVERY_KEY_CHANGED",
  ],
  ["of an older epoch", third, head(newKeys), "HEAD_ROLLED_BACK"],
  [
    "with other keys in the same epoch",
    after(first, { signingSeeds: [seedOf("new")] }),
    first,
    "KEYS_FORKED",
  ],
  [
    "with another address in the same epoch",
    after(first, { movedTo: "https://example.net/p" }),
    first,
    "KEYS_FORKED",
  ],
  ["of the same number with another index", head({ index: "ab".repeat(32) }), first, "HEAD_FORKED"],
  ["the one before", second, third, "REGISTRY_BEHIND"],
  ["another one before", after(first, { index: "ab".repeat(32) }), third, "HEAD_FORKED"],
  ["one that is no longer listed", first, head({ sequence: 90 }), "HEAD_ROLLED_BACK"],
  ["one that follows another", after(after(first, { index: "ab".repeat(32) })), second, "HEAD_FORKED"],
])("%s", (_, next, accepted, outcome) => {
  expect(judged(next, accepted)).toBe(outcome);
});
