import { createHash } from "node:crypto";
import { decodeBase64 } from "./base64.ts";
import { type Note, parseNote } from "./note.ts";
import { invalid } from "./trust-error.ts";
import { parseVerifierKey, type VerifierKey } from "./verifier-key.ts";

/** A head before this one. */
export interface PreviousHead {
  sequence: number;
  /** SHA-256 of its text in hex. */
  sha256: string;
}

/** What a keeper signs of a registry. Read from a note whose signatures are not verified, unless said otherwise. */
export interface Head {
  /** The registry's name, and that of its signing keys. */
  origin: string;
  epoch: number;
  /** One to four. */
  signing: readonly VerifierKey[];
  recovery: VerifierKey;
  movedTo?: string;
  /** The recovery key's signature of the lines from origin to here, with its id, in base64. */
  certified: string;
  sequence: number;
  /** UTC, `YYYY-MM-DDTHH:MM:SSZ`. */
  time: string;
  /** SHA-256 of registry.json in hex. */
  index: string;
  /** SHA-256 of registry.details.json in hex; undefined without details. */
  details?: string;
  /** Until when the keeper promises another head. */
  renew?: string;
  /** The heads before it in its epoch, newest first: all, or the latest 64. */
  previous: readonly PreviousHead[];
  /** Lines of later versions, kept and ignored. */
  unknown: readonly string[];
}

/** A head with the text that it was read from. */
export interface ReadHead extends Head {
  note: Note;
  /** SHA-256 of its text, without the signatures, in hex. */
  sha256: string;
}

const FIRST_LINE = "hitagi-head/v1";
const KEYS_FIRST_LINE = "hitagi-keys/v1";
const MAX_SIGNING = 4;
export const MAX_PREVIOUS = 64;
const MAX_UNKNOWN = 32;

export const ORIGIN = /^[a-z0-9./_-]{1,200}$/;
const NUMBER = /^[1-9]\d{0,15}$/;
const SHA256 = /^sha256:([0-9a-f]{64})$/;
const ADDRESS = /^https:\/\/[a-z0-9](?:[a-z0-9.-]{0,252}[a-z0-9])?(?::[1-9]\d{0,4})?(?:\/[!-~]{0,2000})?$/;
const UNKNOWN = /^([a-z-]+) .*$/;
const KEYWORDS = new Set([
  "epoch",
  "key",
  "moved-to",
  "certified",
  "sequence",
  "time",
  "index",
  "details",
  "renew",
  "previous",
]);

/** @throws TrustError HEAD_INVALID */
export const numberOf = (text: string, what: string): number => {
  const number = NUMBER.test(text) ? Number(text) : 0;
  return number > 0 && Number.isSafeInteger(number)
    ? number
    : invalid(`${what} is not a number of 1 to 2^53-1`);
};

/** @throws TrustError HEAD_INVALID */
export const timeOf = (text: string, what: string): string => {
  const parsed = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(text) ? new Date(text) : undefined;
  const exists =
    parsed && !Number.isNaN(parsed.getTime()) && parsed.toISOString() === text.replace("Z", ".000Z");
  return exists ? text : invalid(`${what} is not a UTC time that exists`);
};

/** @throws TrustError HEAD_INVALID */
const hashOf = (text: string, what: string): string =>
  SHA256.exec(text)?.[1] ?? invalid(`${what} is not sha256: and 64 small hex digits`);

/** @throws TrustError HEAD_INVALID */
const addressOf = (text: string): string =>
  ADDRESS.test(text) ? text : invalid("moved-to is not an https address");

/** Reads lines one after the other, in the order of the form. */
const createLines = (lines: readonly string[]) => {
  let at = 0;
  /** The rest of the next line, if it begins with this word. */
  const optional = (word: string): string | undefined => {
    const line = lines[at];
    if (!line?.startsWith(`${word} `)) return undefined;
    at++;
    return line.slice(word.length + 1);
  };
  return {
    next: (): string | undefined => lines[at++],
    optional,
    /** @throws TrustError HEAD_INVALID */
    required: (word: string): string =>
      optional(word) ?? invalid(`the line ${word} is missing, or not in its place`),
    rest: (): readonly string[] => lines.slice(at),
  };
};

type Lines = ReturnType<typeof createLines>;

const signingKeys = (lines: Lines, origin: string): VerifierKey[] => {
  const keys: VerifierKey[] = [];
  for (let text = lines.optional("key signing"); text !== undefined; text = lines.optional("key signing")) {
    keys.push(parseVerifierKey(text, origin));
  }
  return keys.length >= 1 && keys.length <= MAX_SIGNING
    ? keys
    : invalid(`it does not have one to ${MAX_SIGNING} signing keys`);
};

/** They count down by one, from the head's own sequence. */
const previousHeads = (lines: Lines, sequence: number): PreviousHead[] => {
  const found: PreviousHead[] = [];
  let text: string | undefined = lines.required("previous");
  if (text === "none") return found;
  for (; text !== undefined; text = lines.optional("previous")) {
    const [number = "", hash = "", ...more] = text.split(" ");
    const previous = { sequence: numberOf(number, "previous"), sha256: hashOf(hash, "previous") };
    const isNext = more.length === 0 && previous.sequence === sequence - found.length - 1;
    if (!isNext || found.length === MAX_PREVIOUS)
      return invalid("the lines previous do not count down by one, or are too many");
    found.push(previous);
  }
  return found;
};

const unknownLines = (lines: Lines): readonly string[] => {
  const rest = lines.rest();
  if (rest.length > MAX_UNKNOWN) return invalid(`it has more than ${MAX_UNKNOWN} unknown lines`);
  for (const line of rest) {
    const [, word] = UNKNOWN.exec(line) ?? [];
    if (word === undefined || KEYWORDS.has(word))
      return invalid("a line is not of a known form, or not in its place");
  }
  return rest;
};

/** The text that the recovery key signs for these lines of a head. */
const keysText = (lines: readonly string[]): string => [KEYS_FIRST_LINE, ...lines, ""].join("\n");

/** The lines from origin to the one before `certified`. */
const keyLines = ({ origin, epoch, signing, recovery, movedTo }: KeysOfHead): string[] => [
  origin,
  `epoch ${epoch}`,
  ...signing.map(({ text }) => `key signing ${text}`),
  `key recovery ${recovery.text}`,
  ...(movedTo === undefined ? [] : [`moved-to ${movedTo}`]),
];

/** What the recovery key certifies. */
export type KeysOfHead = Pick<Head, "origin" | "epoch" | "signing" | "recovery" | "movedTo">;

/** The same with the certificate. */
export type CertifiedKeys = KeysOfHead & Pick<Head, "certified">;

/** The text that the recovery key signs to certify the keys of an epoch. */
export const certifiedText = (keys: KeysOfHead): string => keysText(keyLines(keys));

/** A head's text, which is what its signing key signs. */
export const headText = (head: Head): string =>
  [
    FIRST_LINE,
    ...keysLines(head),
    `sequence ${head.sequence}`,
    `time ${head.time}`,
    `index sha256:${head.index}`,
    `details ${head.details === undefined ? "none" : `sha256:${head.details}`}`,
    ...(head.renew === undefined ? [] : [`renew ${head.renew}`]),
    ...(head.previous.length === 0
      ? ["previous none"]
      : head.previous.map(({ sequence, sha256 }) => `previous ${sequence} sha256:${sha256}`)),
    ...head.unknown,
    "",
  ].join("\n");

/** The hash by which later heads name one: SHA-256 of its text with the last line end. */
export const headHash = (text: string): string => createHash("sha256").update(text, "latin1").digest("hex");

/** The name of the recovery key of an origin. */
export const recoveryName = (origin: string): string => `${origin}/recovery`;

/** Whether a file is meant as a head, also one that cannot be used. Any other file means that the registry is not signed. */
export const isHeadFile = (bytes: Uint8Array): boolean =>
  /^\ufeff?hitagi-head\//.test(Buffer.from(bytes.subarray(0, 64)).toString("utf8"));

/** Reads the lines from origin to `certified`. @throws TrustError HEAD_INVALID */
const readKeyLines = (lines: Lines): CertifiedKeys => {
  const origin = lines.next() ?? "";
  if (!ORIGIN.test(origin)) return invalid("its origin is not 1 to 200 of the characters a-z0-9./_-");
  const epoch = numberOf(lines.required("epoch"), "epoch");
  const signing = signingKeys(lines, origin);
  const recovery = parseVerifierKey(lines.required("key recovery"), recoveryName(origin));
  const bytesOfKeys = new Set([...signing, recovery].map((key) => key.bytes.toString("hex")));
  if (bytesOfKeys.size !== signing.length + 1) return invalid("two of its keys are the same");
  const movedTo = lines.optional("moved-to");
  const certified = lines.required("certified");
  decodeBase64(certified, "certified");
  return {
    ...{ origin, epoch, signing, recovery, certified },
    ...(movedTo !== undefined && { movedTo: addressOf(movedTo) }),
  };
};

/** The lines from origin to `certified`, as a head has them and a file of a signing key keeps them. */
export const keysLines = (keys: CertifiedKeys): string[] => [
  ...keyLines(keys),
  `certified ${keys.certified}`,
];

/** Reads such lines. The certificate is not verified. @throws TrustError HEAD_INVALID */
export const readKeys = (text: readonly string[]): CertifiedKeys => {
  const lines = createLines(text);
  const keys = readKeyLines(lines);
  return lines.rest().length === 0 ? keys : invalid("lines follow the line certified");
};

/** Reads the form of a head. Its signatures are not verified. @throws TrustError HEAD_INVALID */
export const readHead = (bytes: Uint8Array): ReadHead => {
  const note = parseNote(bytes);
  const lines = createLines(note.text.slice(0, -1).split("\n"));
  const first = lines.next() ?? "";
  if (first !== FIRST_LINE) {
    const [, version] = /^hitagi-head\/v(\d{1,9})$/.exec(first) ?? [];
    return invalid(
      version
        ? `it is of version ${version}, which needs a newer Hitagi`
        : `it does not begin with ${FIRST_LINE}`,
    );
  }
  const keys = readKeyLines(lines);
  const sequence = numberOf(lines.required("sequence"), "sequence");
  const time = timeOf(lines.required("time"), "time");
  const index = hashOf(lines.required("index"), "index");
  const details = lines.required("details");
  const renew = lines.optional("renew");
  const previous = previousHeads(lines, sequence);
  return {
    ...keys,
    sequence,
    time,
    index,
    ...(details !== "none" && { details: hashOf(details, "details") }),
    ...(renew !== undefined && { renew: timeOf(renew, "renew") }),
    previous,
    unknown: unknownLines(lines),
    note,
    sha256: headHash(note.text),
  };
};
