import {
  type BlockEntry,
  blockEntryOf,
  blockEntryText,
  blockKinds,
  MAX_NOTE_BYTES,
  publicKeyOf,
  readBlockList,
  signBlockList,
  type VerifiedBlockList,
  verifierKey,
} from "@hitagi/trust";
import { KeeperError } from "./keeper-error.ts";
import type { SigningKey } from "./key-file.ts";
import { withSubject } from "./with-subject.ts";

/** The next edition of a block list. */
export interface BlockListPlan {
  name: string;
  /** The text of the key that owners pin. */
  key: string;
  /** Of the next edition, or of the one before where nothing changed. */
  sequence: number;
  entries: number;
  added: string[];
  removed: string[];
  /** The signed list; undefined where the edition before has the same entries. */
  file: string | undefined;
}

export interface BlockListRequest {
  /** A line for each entry, as in docs/spec-blocks.md. Empty lines and lines that begin with `#` are left out. */
  text: string;
  key: SigningKey;
  /** The edition before; undefined for the first one. */
  before: Uint8Array | undefined;
  /** UTC, `YYYY-MM-DDTHH:MM:SSZ`. */
  time: string;
}

const FORM =
  "Write `block` or `warn`, a kind, its value and a reason: `block namespace thief It sends sessions away.` docs/spec-blocks.md has the kinds.";

/** @throws KeeperError that names the line */
const entriesIn = (text: string): BlockEntry[] =>
  text.split(/\r?\n/).flatMap((line, n) => {
    if (line.trim() === "" || line.startsWith("#")) return [];
    const entry = withSubject(`Line ${n + 1}`, FORM, () => blockEntryOf(line.trim()));
    if (entry) return [entry];
    throw new KeeperError(`Line ${n + 1} is of no known kind.`, `The kinds are ${blockKinds.join(", ")}.`);
  });

const editionBefore = (bytes: Uint8Array | undefined, key: string): VerifiedBlockList | undefined =>
  bytes &&
  withSubject(
    "The edition before",
    "Sign with the key of that edition. With a new key, as after `hitagi registry recover`, sign a new list into a new file with --out; owners follow it with `hitagi policy blocks remove` and `add`, and the new key.",
    () => readBlockList(bytes, key),
  );

/**
 * Makes the next edition of a block list, signed by a registry's signing key; the list has the key's name. Nothing is written.
 * @throws KeeperError
 */
export const planBlockList = ({
  text,
  key: { keys, seed },
  before,
  time,
}: BlockListRequest): BlockListPlan => {
  const name = keys.origin;
  const key = verifierKey(name, publicKeyOf(seed));
  const entries = entriesIn(text);
  const known = editionBefore(before, key.text);
  const [lines, old] = [entries.map(blockEntryText), (known?.entries ?? []).map(blockEntryText)];
  const plan = {
    ...{ name, key: key.text, entries: entries.length },
    added: lines.filter((line) => !old.includes(line)),
    removed: old.filter((line) => !lines.includes(line)),
  };
  if (known && lines.join("\n") === old.join("\n"))
    return { ...plan, sequence: known.sequence, file: undefined };
  const sequence = (known?.sequence ?? 0) + 1;
  const file = signBlockList({ name, key, sequence, time, entries }, seed);
  if (Buffer.byteLength(file) > MAX_NOTE_BYTES)
    throw new KeeperError(
      `The list has more than ${MAX_NOTE_BYTES} bytes.`,
      "Block by owner, host or address in place of single plugins, or split the list in two.",
    );
  return { ...plan, sequence, file };
};
