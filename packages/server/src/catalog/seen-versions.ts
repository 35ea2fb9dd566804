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

/** Bytes beyond which the versions that are no longer offered are forgotten. */
const MAX_BYTES = 64 * 1024 * 1024;

/** The beginning of a version's line. Neither a namespace nor a version can contain a tab. */
const keyOf = (namespace: string, version: string): string => `${namespace}\t${version}\t`;

/** The key of a line. */
const keyIn = (line: string): string => line.slice(0, line.indexOf("\t", line.indexOf("\t") + 1) + 1);

const linesOf = (lines: readonly string[]): Buffer => Buffer.from([...lines, ""].join("\n"), "latin1");

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
export const createSeenComparison = (seen: Buffer, now: number, maxBytes = MAX_BYTES) => {
  const text = seen.toString("latin1");
  /** The lines before this position are those of versions that were offered. */
  let next = 0;
  /** The lines of all other versions that were offered. */
  const others: string[] = [];
  return {
    /** Takes the next version of the index. */
    offer: (namespace: string, version: string, sha256: string): void => {
      const key = keyOf(namespace, version);
      if (text.startsWith(key, next)) next = text.indexOf("\n", next) + 1;
      else others.push(`${key}${sha256}\t${now}`);
    },
    /** @returns undefined where every version was seen */
    change: (): SeenChange | undefined => {
      if (others.length === 0) return undefined;
      const known = firstLines(text.slice(next));
      const added = others.filter((line) => !known.has(keyIn(line)));
      if (added.length === 0) return undefined;
      const lines = linesOf(added);
      if (seen.length + lines.length <= maxBytes) return { how: "add", lines };
      const offered = others.map((line) => known.get(keyIn(line)) ?? line);
      return { how: "replace", lines: Buffer.concat([seen.subarray(0, next), linesOf(offered)]) };
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
