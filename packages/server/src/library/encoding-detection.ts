import candidates from "./candidate-encodings.json" with { type: "json" };
import { decodeAs, latin1 } from "./decode-as.ts";
import { hasHalfWidthKana, isCommon } from "./encoding-zones.ts";

/**
 * An encoding that is looked for: its name for jschardet, and its label for TextDecoder. What the WHATWG Encoding Standard calls
 * windows-1252 is also its ISO-8859-1.
 */
type Candidate = readonly [detected: string, label: string];

/** The candidates, and the name for bytes that fit none of them. */
interface Candidates {
  among: readonly Candidate[];
  none: string;
}

// A build keeps the models of these alone (scripts/detection-models.mjs).
const EAST_ASIAN: readonly Candidate[] = Object.entries(candidates.eastAsian);
/** Encodings of text files. */
const OF_TEXT: Candidates = { among: [...EAST_ASIAN, ...Object.entries(candidates.ofText)], none: "ascii" };
/** Encodings of names in archives. Western ones are looked for so that their names are not taken for others. */
const OF_NAMES: Candidates = { among: [...EAST_ASIAN, ...Object.entries(candidates.ofNames)], none: "cp437" };

interface Guess {
  label: string | undefined;
  /** Whether a candidate fits. */
  isFound: boolean;
}

/** The detection reads this much. */
const MAX_DETECTED_BYTES = 64 * 1024;
/** Names are looked at up to here: more than the detection reads, as they share folders. */
const MAX_NAMES_BYTES = 256 * 1024;
/** Below this a guess says nothing. A single name of two Japanese characters has 0.01. */
const LEAST_CONFIDENCE = 0.005;

/** The label for TextDecoder, or undefined where no candidate fits, or where it is one without a label. */
const guess = async (bytes: Uint8Array, { among, none }: Candidates): Promise<Guess> => {
  // Its models take 100 ms to load, and few archives need them.
  const { chardet } = await import("jschardet");
  const found = chardet.detect(bytes, {
    includeEncodings: among.map(([name]) => name),
    noMatchEncoding: none,
    emptyInputEncoding: none,
    compatNames: false,
    maxBytes: MAX_DETECTED_BYTES,
  });
  const isFound = found.confidence >= LEAST_CONFIDENCE;
  const label = among.find(([name]) => name === found.encoding)?.[1];
  return { label: (isFound && label) || undefined, isFound: isFound && label !== undefined };
};

/** Whether all that is not ASCII is one or two bytes between letters, as in `It’s` and `größe`. */
const isInWords = (bytes: Uint8Array): boolean =>
  !/(?<![A-Za-z\x80-\xff])[\x80-\xff]|[\x80-\xff](?![A-Za-z\x80-\xff])|[\x80-\xff]{3}/.test(latin1(bytes));

/** Whether each byte that is not ASCII stands alone and is a Western letter or sign, as in most Western texts. */
const isAlsoWestern = (bytes: Uint8Array, label: string): boolean => {
  const text = latin1(bytes);
  if (/[\x80-\xff]{2}/.test(text)) return false;
  // In Shift_JIS and its like, these begin a character whose second byte is ASCII.
  return label === "windows-1251" || !/[\x80-\x9f]/.test(text);
};

/**
 * The label for TextDecoder; undefined where no candidate fits, or where one without a label does. A guess of rare characters gives
 * way to the one encoding in which all are common: of a short text the models of the guess say little.
 */
const detect = async (bytes: Uint8Array, candidates: Candidates): Promise<string | undefined> => {
  const { label, isFound } = await guess(bytes, candidates);
  // Russian in capitals has the same bytes.
  if (label !== "windows-1251" && hasHalfWidthKana(bytes)) return "shift_jis";
  if (label !== undefined && label !== "big5" && isAlsoWestern(bytes, label)) return undefined;
  if (isInWords(bytes)) return undefined;
  if (isFound && (label === undefined || isCommon(bytes, label))) return label;
  const others = EAST_ASIAN.map(([, other]) => other).filter(
    (other) => decodeAs(bytes, other) !== undefined && isCommon(bytes, other) && !isAlsoWestern(bytes, other),
  );
  return others.length === 1 ? others[0] : label;
};

/** What is in another script between the tags of a text: the tags are ASCII, and would count as Western. */
const withoutMarkup = (bytes: Uint8Array): Buffer => {
  const parts = latin1(bytes).split(/[<>]/);
  return Buffer.from(parts.filter((part) => /[\x80-\xff]/.test(part)).join("\n"), "latin1");
};

/** The encoding of a text file that is neither declared nor Unicode, in which its bytes are valid; undefined where none is found. */
export const encodingOfText = async (bytes: Uint8Array): Promise<string | undefined> => {
  for (const part of [withoutMarkup(bytes), bytes]) {
    const label = await detect(part, OF_TEXT);
    if (label !== undefined && decodeAs(bytes, label) !== undefined) return label;
  }
  return undefined;
};

/** The names from the first one to the one with which they have enough bytes. */
const firstOf = (names: readonly Uint8Array[]): readonly Uint8Array[] => {
  let bytes = 0;
  const last = names.findIndex((name) => {
    bytes += name.length;
    return bytes >= MAX_NAMES_BYTES;
  });
  return last < 0 ? names : names.slice(0, last + 1);
};

/** The encoding of names of archives that are not in UTF-8, as a label for TextDecoder; undefined for a Western one. */
export const encodingOfNames = async (all: readonly Uint8Array[]): Promise<string | undefined> => {
  const names = firstOf(all);
  // Each part of a path once: the folder of a hundred pages says no more than that of one.
  const parts = new Set(names.flatMap((name) => latin1(name).split("/")));
  const legacy = [...parts].filter((part) => /[\x80-\xff]/.test(part));
  const detected = await detect(Buffer.from(legacy.join("\n"), "latin1"), OF_NAMES);
  if (detected !== undefined) return detected;
  // Repeated, a short name in East Asia is told from a Western one.
  const whole = await detect(Buffer.concat(names.flatMap((name) => [name, Buffer.from("\n")])), OF_NAMES);
  return EAST_ASIAN.some(([, label]) => label === whole) ? whole : undefined;
};
