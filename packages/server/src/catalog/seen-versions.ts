/**
 * The versions that a registry has ever offered, a line each in the order in which they were seen:
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

/** Adds the lines of an index to the seen ones, and forgets what is too much. @returns undefined where there is nothing to add */
export const addSeen = (
  seen: Buffer,
  offered: readonly string[],
  now: number,
  maxBytes = MAX_BYTES,
): Buffer | undefined => {
  const lines = seen.toString("latin1").split("\n").slice(0, -1);
  const keyIn = (line: string): string => line.slice(0, line.indexOf("\t", line.indexOf("\t") + 1) + 1);
  const known = new Set(lines.map(keyIn));
  const added = offered
    .filter((line) => !known.has(line.slice(0, -HASH_LENGTH)))
    .map((line) => `${line}\t${now}`);
  if (added.length === 0) return undefined;
  const all = Buffer.from([...lines, ...added, ""].join("\n"), "latin1");
  if (all.length <= maxBytes) return all;
  const current = new Set(offered.map((line) => line.slice(0, -HASH_LENGTH)));
  const kept = lines.filter((line) => current.has(keyIn(line)));
  return Buffer.from([...kept, ...added, ""].join("\n"), "latin1");
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
