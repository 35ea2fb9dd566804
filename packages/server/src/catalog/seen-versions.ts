import { setImmediate } from "node:timers/promises";
import type { IndexVersion } from "@hitagi/contract";
import { withoutBuild } from "../semantic-version.ts";

/**
 * The versions that a registry has ever offered, a line each, in the order in which they were first seen:
 * `namespace TAB version TAB sha256 TAB epoch seconds`. The first line of a version counts. They are in pieces of whole lines.
 */
export type SeenLines = readonly Buffer[];

/** How a version was first seen. */
export interface SeenVersion {
  version: string;
  sha256: string;
  /** Epoch seconds of the first refresh that had it. */
  since: number;
}

/** The lines that a refresh adds, or those that replace all others. */
export interface SeenChange {
  how: "add" | "replace";
  lines: Buffer;
}

/** Bytes beyond which the versions that an unsigned registry no longer offers are forgotten, and the most of them. */
const MAX_BYTES = 64 * 1024 * 1024;
const MAX_REMOVED = 100_000;

/**
 * What an index may do to the seen versions. `unsigned`: anything, and it is remembered. `follow`: a version stays with its hash.
 * `begin`: as the first signed index, it changes no hash. `restart`: anything, and only what it offers is remembered.
 */
export type SeenRule = "unsigned" | "follow" | "begin" | "restart";

/** How an index broke the rule. */
export interface SeenBreach {
  /** The first version with another hash than the seen one. */
  changed?:
    | { namespace: string; version: string; expected: string; actual: string; since: number }
    | undefined;
  /** The versions that it does not offer, as {@link versionKey} writes them. */
  removed: string[];
}

/** A version with its hash, by which an index and the yanked versions of details are compared. */
export const versionKey = (namespace: string, version: string, sha256: string): string =>
  `${keyOf(namespace, version)}${sha256}`;

const SHA256_LENGTH = 64;

/** The beginning of a version's line. Neither a namespace nor a version can contain a tab. */
const keyOf = (namespace: string, version: string): string => `${namespace}\t${version}\t`;

/** The key of a line. */
const keyIn = (line: string): string => line.slice(0, line.indexOf("\t", line.indexOf("\t") + 1) + 1);

const linesOf = (lines: readonly string[]): Buffer =>
  Buffer.from(lines.length === 0 ? "" : [...lines, ""].join("\n"), "latin1");

/** The first line of each version in a text. */
const firstLines = (text: string): Map<string, string> => {
  const first = new Map<string, string>();
  for (const line of text.split("\n").slice(0, -1)) {
    const key = keyIn(line);
    if (!first.has(key)) first.set(key, line);
  }
  return first;
};

/**
 * Compares the versions of an index with the seen ones. An index in the order of the lines is only compared, and no line is kept.
 * @param now epoch seconds
 */
export const createSeenComparison = (
  seen: Buffer,
  now: number,
  { maxBytes = MAX_BYTES, rule = "unsigned" }: { maxBytes?: number; rule?: SeenRule } = {},
) => {
  const text = seen.toString("latin1");
  const keepsOrder = rule === "unsigned" || rule === "follow";
  /** The lines before this position are those of versions that were offered. */
  let next = 0;
  /** The lines of all other versions that were offered. */
  const others: string[] = [];
  let rest: Map<string, string> | undefined;
  /** The first line of each version after the position. */
  const known = (): Map<string, string> => {
    rest ??= firstLines(text.slice(next));
    return rest;
  };
  const isNext = (key: string, sha256: string): boolean =>
    text.startsWith(key, next) && (rule === "unsigned" || text.startsWith(sha256, next + key.length));

  const hashIn = (line: string, key: string): string => line.slice(key.length, key.length + SHA256_LENGTH);
  const changed = (): SeenBreach["changed"] => {
    for (const line of others) {
      const key = keyIn(line);
      const before = known().get(key);
      if (before === undefined || hashIn(before, key) === hashIn(line, key)) continue;
      const [namespace = "", version = ""] = key.split("\t");
      const since = Number(before.slice(key.length + SHA256_LENGTH + 1));
      return { namespace, version, expected: hashIn(before, key), actual: hashIn(line, key), since };
    }
    return undefined;
  };
  const notOffered = (): string[] => {
    const offered = new Set(others.map(keyIn));
    return [...known()].flatMap(([key, line]) => (offered.has(key) ? [] : [line]));
  };
  /** The lines of the offered versions; those that were seen with this hash keep theirs. */
  const offeredLines = (): string[] =>
    others.map((line) => {
      const key = keyIn(line);
      const before = known().get(key);
      const isSame =
        rule === "unsigned" || (before !== undefined && hashIn(before, key) === hashIn(line, key));
      return before !== undefined && isSame ? before : line;
    });

  return {
    /** Takes the next version of the index. */
    offer: (namespace: string, version: string, sha256: string): void => {
      const key = keyOf(namespace, version);
      if (keepsOrder && isNext(key, sha256)) next = text.indexOf("\n", next) + 1;
      else others.push(`${key}${sha256}\t${now}`);
    },
    /** @returns undefined where every version was seen */
    change: (): SeenChange | undefined => {
      if (!keepsOrder) return { how: "replace", lines: linesOf(offeredLines()) };
      if (others.length === 0) return undefined;
      const added = others.filter((line) => !known().has(keyIn(line)));
      if (added.length === 0) return undefined;
      const lines = linesOf(added);
      if (rule === "follow") return { how: "add", lines };
      const removed = notOffered();
      const isSmall = seen.length + lines.length <= maxBytes;
      if (isSmall && removed.length <= MAX_REMOVED) return { how: "add", lines };
      const kept = isSmall ? removed.slice(-MAX_REMOVED) : [];
      return {
        how: "replace",
        lines: Buffer.concat([seen.subarray(0, next), linesOf([...offeredLines(), ...kept])]),
      };
    },
    /** The first version with another hash than the seen one; undefined where none has. */
    changed,
    /** How the index broke the rule; undefined where it did not. */
    breach: (): SeenBreach | undefined => {
      if (rule === "unsigned" || rule === "restart") return undefined;
      const removed = rule === "follow" && next < text.length ? notOffered() : [];
      const found = {
        changed: changed(),
        removed: removed.map((line) => line.slice(0, line.lastIndexOf("\t"))),
      };
      return found.changed || removed.length > 0 ? found : undefined;
    },
  };
};

/** Whether two versions are the same but for build metadata. */
export const isSameVersion = (a: string, b: string): boolean => withoutBuild(a) === withoutBuild(b);

/** Bytes that are searched before other work gets its turn: a millisecond. */
const MAX_SEARCHED = 1024 * 1024;
const LINE_FEED = 0x0a;

/** The positions of a text in a piece, in parts of bounded size. */
const positionsIn = async function* (piece: Buffer, text: Buffer): AsyncGenerator<number> {
  for (let from = 0; from < piece.length; from += MAX_SEARCHED) {
    await setImmediate();
    const part = piece.subarray(from, from + MAX_SEARCHED + text.length - 1);
    for (let at = part.indexOf(text); at >= 0; at = part.indexOf(text, at + 1)) yield from + at;
  }
};

/** The version, hash and time of a line. */
const LINE = /^[^\t]*\t([^\t]*)\t([0-9a-f]{64})\t(\d{1,11})$/;

/**
 * How a version, and those that differ from it in build metadata only, were first seen. A corrupt line counts as none.
 * Other work gets its turn between the parts of the search.
 */
export const findSeen = async (
  seen: SeenLines,
  namespace: string,
  version: string,
): Promise<SeenVersion[]> => {
  const found = new Map<string, SeenVersion>();
  const begin = Buffer.from(`${namespace}\t${withoutBuild(version)}`, "latin1");
  for (const piece of seen) {
    for await (const at of positionsIn(piece, begin)) {
      if (at > 0 && piece[at - 1] !== LINE_FEED) continue;
      const line = piece.toString("latin1", at, piece.indexOf("\n", at));
      const [, name = "", sha256, since] = LINE.exec(line) ?? [];
      if (sha256 === undefined || found.has(name) || !isSameVersion(name, version)) continue;
      found.set(name, { version: name, sha256, since: Number(since) });
    }
  }
  return [...found.values()];
};

/** The epoch second of the index that a registry was first accepted with; undefined where nothing was seen. */
const firstTime = ([first]: SeenLines): number | undefined => {
  const [, , , since] = LINE.exec(first?.toString("latin1", 0, first.indexOf("\n")) ?? "") ?? [];
  return since === undefined ? undefined : Number(since);
};

/**
 * The epoch second from which the age of a version counts; undefined where it was not seen. What an index says of itself counts only
 * for the first one, which has the registry's past.
 */
export const acceptedAt = (
  lines: SeenLines,
  known: readonly SeenVersion[],
  { version, published_at }: Pick<IndexVersion, "version" | "published_at">,
): number | undefined => {
  const since = known.find((one) => one.version === version)?.since;
  if (since === undefined || since !== firstTime(lines)) return since;
  return Math.min(since, Math.floor(Date.parse(published_at) / 1000));
};
