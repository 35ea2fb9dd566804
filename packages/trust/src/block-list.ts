import { headHash, numberOf, ORIGIN, timeOf } from "./head.ts";
import { parseNote, signNote, verifyNote } from "./note.ts";
import { invalid } from "./trust-error.ts";
import { parseVerifierKey, type VerifierKey } from "./verifier-key.ts";

const FIRST_LINE = "hitagi-blocks/v1";

export const blockKinds = ["namespace", "hash", "address", "host", "owner"] as const;
export type BlockKind = (typeof blockKinds)[number];

/** What a list says of something. */
export interface BlockEntry {
  action: "block" | "warn";
  kind: BlockKind;
  value: string;
  /** Why, as a sentence. */
  reason: string;
}

/** What the publisher of a block list signs; docs/spec-blocks.md is the specification. */
export interface BlockList {
  /** The list's own name, such as `example.org/blocks`, and the name of its key. */
  name: string;
  key: VerifierKey;
  /** Grows with each edition. */
  sequence: number;
  /** UTC, `YYYY-MM-DDTHH:MM:SSZ`. */
  time: string;
  entries: readonly BlockEntry[];
}

/** A list whose signature holds. */
export interface VerifiedBlockList extends BlockList {
  /** Entries of kinds that this version does not know. */
  ignored: number;
  /** SHA-256 of its text in hex. */
  sha256: string;
}

const ENTRY = /^(block|warn) ([a-z-]{1,32}) ([!-~]{1,2000}) ([ -~]{1,300})$/;
const VALUES: Record<BlockKind, RegExp> = {
  namespace: /^[a-z0-9_-]{1,64}$/,
  hash: /^sha256:[0-9a-f]{64}$/,
  address: /^https?:\/\/[!-~]+$/,
  host: /^(?:\*\.)?[a-z0-9.-]{1,253}$/,
  owner: /^[a-z0-9.-]{1,253}\/[!-~]{1,200}$/,
};

const isKind = (text: string): text is BlockKind => Object.hasOwn(VALUES, text);

/** Reads a line of a list; undefined for a kind that this version does not know. @throws TrustError HEAD_INVALID */
export const blockEntryOf = (line: string): BlockEntry | undefined => {
  const [, action, kind = "", value = "", reason = ""] = ENTRY.exec(line) ?? [];
  if (action !== "block" && action !== "warn") return invalid("a line is no entry of a block list");
  if (!isKind(kind)) return undefined;
  return VALUES[kind].test(value)
    ? { action, kind, value, reason }
    : invalid(`the value of a ${kind} is not valid`);
};

/**
 * Reads a block list and verifies its signature.
 * @param pinned the text of the key that must have signed it; where undefined, its own key counts, which the caller pins
 * @throws TrustError HEAD_INVALID, also for another key, SIGNATURE_UNKNOWN
 */
export const readBlockList = (bytes: Uint8Array, pinned?: string): VerifiedBlockList => {
  const note = parseNote(bytes);
  const [first, name = "", keyLine = "", sequenceLine = "", timeLine = "", ...lines] = note.text
    .slice(0, -1)
    .split("\n");
  if (first !== FIRST_LINE) return invalid(`it does not begin with ${FIRST_LINE}`);
  if (!ORIGIN.test(name)) return invalid("its name is not 1 to 200 of the characters a-z0-9./_-");
  const after = (line: string, word: string): string =>
    line.startsWith(`${word} `) ? line.slice(word.length + 1) : invalid(`the line ${word} is missing`);
  const key = parseVerifierKey(after(keyLine, "key signing"), name);
  if (pinned !== undefined && key.text !== pinned)
    return invalid("it is signed by another key than the pinned one");
  verifyNote(note, [key]);
  const entries = lines.map(blockEntryOf);
  const known = entries.filter((entry) => entry !== undefined);
  return {
    ...{ name, key },
    sequence: numberOf(after(sequenceLine, "sequence"), "sequence"),
    time: timeOf(after(timeLine, "time"), "time"),
    ...{ entries: known, ignored: entries.length - known.length, sha256: headHash(note.text) },
  };
};

/** The line of an entry. */
export const blockEntryText = ({ action, kind, value, reason }: BlockEntry): string =>
  `${action} ${kind} ${value} ${reason}`;

/** The file of a block list. @param seed of its key */
export const signBlockList = ({ name, key, sequence, time, entries }: BlockList, seed: Uint8Array): string =>
  signNote(
    [
      FIRST_LINE,
      name,
      `key signing ${key.text}`,
      `sequence ${sequence}`,
      `time ${time}`,
      ...entries.map(blockEntryText),
      "",
    ].join("\n"),
    name,
    seed,
  );
