import { headText, signHead } from "../src/index.ts";
import { signNote } from "../src/note.ts";
import { fileOf, headOf, ORIGIN, recoverySeed, seedOf, signingSeed } from "./fixture.ts";

/** A head's text with something replaced, signed again by the signing key. */
export const changed = (from: string | RegExp, to: string): Buffer => {
  const text = headText(headOf({ movedTo: "https://example.net/p", renew: "2027-03-01T00:00:00Z" }));
  return Buffer.from(signNote(text.replace(from, to), ORIGIN, signingSeed));
};

/** What is wrong with a form, and how a valid text is changed to it. */
const invalidForms: [string, string | RegExp, string][] = [
  ["of another version", "hitagi-head/v1", "hitagi-head/v2"],
  ["with an origin of capitals", ORIGIN, "Example.org/plugins"],
  ["with the epoch 0", "epoch 1", "epoch 0"],
  ["with a number with a leading zero", "sequence 1", "sequence 01"],
  ["with a number above 2^53-1", "sequence 1", "sequence 9007199254740992"],
  ["with a time that does not exist", "2026-11-29", "2026-02-29"],
  ["with a time of another zone", "T12:00:00Z", "T12:00:00+01:00"],
  ["with a hash in capitals", /index sha256:.*/, `index sha256:${"AB".repeat(32)}`],
  ["without details", /details none\n/, ""],
  ["with a line in another place", /(sequence 1)\n(time .*)\n/, "$2\n$1\n"],
  ["with a line twice", "sequence 1\n", "sequence 1\nsequence 1\n"],
  ["with a known line after the last", /$/, "time 2026-11-29T12:00:00Z\n"],
  ["with a previous head that does not count down", "previous none", `previous 1 sha256:${"ab".repeat(32)}`],
  ["with an address without https", "moved-to https:", "moved-to http:"],
  ["with a line that is no word and text", /$/, "Later text\n"],
  ["with more than 32 unknown lines", /$/, "later text\n".repeat(33)],
  ["with a carriage return", "epoch 1\n", "epoch 1\r\n"],
  ["with a byte-order mark", /^/, "\ufeff"],
  ["with other characters than ASCII", /$/, "later tést\n"],
  ["with base64 that does not encode to itself", /certified (.*)=\n/, "certified $1\n"],
  ["with the id of another key", /(key signing .*\+)[0-9a-f]{8}\+/, "$100000000+"],
  ["with a signing key named otherwise", "key signing example.org", "key signing example.com"],
  ["without a recovery key", /key recovery .*\n/, ""],
  ["with a key twice", /(key signing .*\n)/, "$1$1"],
];

const { certified } = headOf();
const previous = Array.from({ length: 65 }, (_, n) => ({ sequence: 99 - n, sha256: "ab".repeat(32) }));
const fiveSeeds = [signingSeed, ...["1", "2", "3", "4"].map(seedOf)];
const lineOf = (file: string): string => `${file.split("\n").at(-2)}\n`;
const otherLine = lineOf(fileOf().toString()).replace(ORIGIN, "other");
/** A line of the signing key that fits another text. */
const wrongLine = lineOf(signHead(headOf({ sequence: 2 }), signingSeed));
const bySecond = signHead(headOf({ signingSeeds: [signingSeed, seedOf("second")] }), seedOf("second"));

const full = {
  epoch: 2,
  sequence: 42,
  signingSeeds: [signingSeed, seedOf("another")],
  movedTo: "https://example.net/plugins",
  details: "ab".repeat(32),
  renew: "2027-03-01T00:00:00Z",
  previous: [41, 40].map((sequence) => ({ sequence, sha256: "cd".repeat(32) })),
  unknown: ["later-word some text"],
};

/** Files, and `ok` or the code of the refusal. */
export const cases: readonly { name: string; file: Buffer; outcome: string }[] = [
  { name: "the first head", file: fileOf(), outcome: "ok" },
  { name: "a head with every line", file: fileOf(full), outcome: "ok" },
  {
    name: "64 heads before it",
    file: fileOf({ sequence: 100, previous: previous.slice(0, 64) }),
    outcome: "ok",
  },
  { name: "64 signature lines", file: Buffer.from(`${fileOf()}${otherLine.repeat(63)}`), outcome: "ok" },
  ...invalidForms.map(([name, from, to]) => ({ name, file: changed(from, to), outcome: "HEAD_INVALID" })),
  { name: "five signing keys", file: fileOf({ signingSeeds: fiveSeeds }), outcome: "HEAD_INVALID" },
  {
    name: "a signing key that is the recovery key too",
    file: fileOf({ signingSeeds: [signingSeed, recoverySeed] }),
    outcome: "HEAD_INVALID",
  },
  { name: "65 heads before it", file: fileOf({ sequence: 100, previous }), outcome: "HEAD_INVALID" },
  {
    name: "65 signature lines",
    file: Buffer.from(`${fileOf()}${otherLine.repeat(64)}`),
    outcome: "HEAD_INVALID",
  },
  {
    name: "more than 128 KiB",
    file: changed(/$/, `later ${"x".repeat(128 * 1024)}\n`),
    outcome: "HEAD_INVALID",
  },
  {
    name: "a signing key that is not certified",
    file: fileOf({ certified, signingSeeds: [seedOf("thief")] }),
    outcome: "KEYS_NOT_CERTIFIED",
  },
  {
    name: "an epoch that is not certified",
    file: fileOf({ certified, epoch: 2 }),
    outcome: "KEYS_NOT_CERTIFIED",
  },
  {
    name: "an address that is not certified",
    file: fileOf({ certified, movedTo: "https://thief.example/p" }),
    outcome: "KEYS_NOT_CERTIFIED",
  },
  {
    name: "signed by a key that it does not name",
    file: Buffer.from(signHead(headOf(), seedOf("thief"))),
    outcome: "SIGNATURE_UNKNOWN",
  },
  {
    name: "a signature that fits another text",
    file: Buffer.from(`${headText(headOf())}\n${wrongLine}`),
    outcome: "SIGNATURE_UNKNOWN",
  },
  {
    name: "a signature that fits another text, beside a good one",
    file: Buffer.from(`${bySecond}${wrongLine}`),
    outcome: "SIGNATURE_UNKNOWN",
  },
];
