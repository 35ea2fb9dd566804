/**
 * The versions that a registry has ever offered, a line each. First those of the last index that added one, in its order.
 * `namespace TAB version TAB sha256 TAB epoch seconds`. The first hash of a version stays.
 */
export interface SeenVersion {
  sha256: string;
  /** Epoch seconds of the first refresh that had it. */
  since: number;
}

/** Bytes beyond which the versions that are no longer offered are forgotten. */
const MAX_BYTES = 64 * 1024 * 1024;
const HASH_LENGTH = 64;

/** The beginning of a version's line. Neither a namespace nor a version can contain a tab. */
const keyOf = (namespace: string, version: string): string => `${namespace}\t${version}\t`;

/** What an index offers of one version. */
export const offeredLine = (namespace: string, version: string, sha256: string): string =>
  keyOf(namespace, version) + sha256;

/** The key of a seen line. */
const keyIn = (line: string): string => line.slice(0, line.indexOf("\t", line.indexOf("\t") + 1) + 1);

/** Whether the seen lines begin with these offers, in this order. */
const beginsWith = (seen: string, offered: readonly string[]): boolean => {
  let at = 0;
  return offered.every((line) => {
    const isNext = seen.startsWith(line, at);
    at = seen.indexOf("\n", at) + 1;
    return isNext;
  });
};

/**
 * Adds the offers of an index to the seen lines, and forgets what is too much.
 * @returns the lines of the index in its order, then the others; undefined where there is nothing to add
 */
export const addSeen = (
  seen: Buffer,
  offered: readonly string[],
  now: number,
  maxBytes = MAX_BYTES,
): Buffer | undefined => {
  const text = seen.toString("latin1");
  if (beginsWith(text, offered)) return undefined;
  const others = new Map<string, string>();
  for (const line of text.split("\n").slice(0, -1)) {
    const key = keyIn(line);
    if (!others.has(key)) others.set(key, line);
  }
  const before = others.size;
  const current = offered.map((line) => {
    const key = line.slice(0, -HASH_LENGTH);
    const first = others.get(key);
    others.delete(key);
    return first ?? `${line}\t${now}`;
  });
  if (before - others.size === current.length) return undefined;
  const all = Buffer.from([...current, ...others.values(), ""].join("\n"), "latin1");
  return all.length <= maxBytes ? all : Buffer.from([...current, ""].join("\n"), "latin1");
};

/** What follows a version in its line. */
const SEEN = /^([0-9a-f]{64})\t(\d{1,11})$/;

/** How a version was first seen; undefined for a version that was not, or whose line is corrupt. */
export const findSeen = (seen: Buffer, namespace: string, version: string): SeenVersion | undefined => {
  const key = keyOf(namespace, version);
  const isFirst = seen.toString("latin1", 0, key.length) === key;
  const at = isFirst ? 0 : seen.indexOf(`\n${key}`) + 1;
  if (at === 0 && !isFirst) return undefined;
  const from = at + key.length;
  const [, sha256, since] = SEEN.exec(seen.toString("latin1", from, seen.indexOf("\n", from))) ?? [];
  return sha256 === undefined ? undefined : { sha256, since: Number(since) };
};
