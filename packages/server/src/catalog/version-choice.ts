import {
  compareNumbers,
  comparePrecedence,
  compareTexts,
  compareWithBuild,
  parseVersion,
  type SemanticVersion,
  withoutBuild,
} from "../semantic-version.ts";

/** A parser with a memory, for many texts of which few differ. */
export const createVersionReader = (): typeof parseVersion => {
  const parsed = new Map<string, SemanticVersion | undefined>();
  return (text) => {
    if (!parsed.has(text)) parsed.set(text, parseVersion(text));
    return parsed.get(text);
  };
};

/** Compares the parts of two versions that are digits. A part with a leading zero is the part of a decimal: 01 is after 001. */
const comparePart = (a: string, b: string): number => {
  const isDecimal = /^0\d/.test(a) || /^0\d/.test(b);
  if (!isDecimal) return compareNumbers(a, b);
  const withoutEnd = (digits: string): string => digits.replace(/0+$/, "");
  return compareTexts(withoutEnd(a), withoutEnd(b));
};

/**
 * Compares two versions by SemVer 2.0.0 §11, and those that are none by their numbers in order: `0.001`, `0.01`, `2.5.2`, `2.5.2_1`.
 * @param read a parser; one with a memory if many are compared
 * @returns negative if `a` is before `b`; 0 also for versions that differ in build metadata only
 */
export const compareVersions = (a: string, b: string, read = parseVersion): number => {
  const [x, y] = [read(a), read(b)];
  if (x && y) return comparePrecedence(x, y);
  const [theirs, others] = [a, b].map((text) => withoutBuild(text).match(/\d+/g) ?? []);
  const length = Math.max(theirs?.length ?? 0, others?.length ?? 0);
  for (let n = 0; n < length; n++) {
    const [p, q] = [theirs?.[n], others?.[n]];
    if (p === undefined || q === undefined) return p === undefined ? -1 : 1;
    const order = comparePart(p, q);
    if (order !== 0) return order;
  }
  return 0;
};

/** The same; versions that differ in build metadata only are compared by that. */
export const compareBuilds = (a: string, b: string, read = parseVersion): number => {
  const [x, y] = [read(a), read(b)];
  return x && y ? compareWithBuild(x, y) : compareVersions(a, b, read);
};

/** Versions that differ in build metadata only have the same precedence (§10). Comparing that too makes the choice stable. */
const higher = (a: SemanticVersion | undefined, b: SemanticVersion): SemanticVersion =>
  a && compareWithBuild(a, b) >= 0 ? a : b;

const highest = (versions: readonly string[], read: typeof parseVersion) => {
  let release: SemanticVersion | undefined;
  let prerelease: SemanticVersion | undefined;
  for (const text of versions) {
    const version = read(text);
    if (version === undefined) continue;
    if (version.prerelease.length === 0) release = higher(release, version);
    else prerelease = higher(prerelease, version);
  }
  return { release, prerelease };
};

/**
 * The version that an install chooses: the highest release by SemVer 2.0.0 §11, else the highest prerelease; undefined
 * where there is no version.
 */
export const chooseVersion = (
  versions: readonly string[],
  read = createVersionReader(),
): string | undefined => {
  // Generated indexes and lenient registries may have versions that are not SemVer.
  if (versions.some((version) => read(version) === undefined)) {
    const ordered = newestFirst(versions, read);
    const release = ordered.find((version) => !read(version)?.prerelease.length);
    return release ?? ordered[0] ?? [...versions].sort().at(-1);
  }
  const { release, prerelease } = highest(versions, read);
  return (release ?? prerelease)?.raw;
};

/**
 * The version that an upgrade installs, or undefined. The update of a release is a release; that of a prerelease is the
 * highest newer release, else the highest newer prerelease.
 */
export const chooseUpdate = (installed: string, versions: readonly string[]): string | undefined => {
  const read = createVersionReader();
  const from = read(installed);
  if (/^\d/.test(installed) && (!from || versions.some((version) => !read(version)))) {
    const chosen = chooseVersion(versions, read);
    return chosen !== undefined && compareVersions(chosen, installed) > 0 ? chosen : undefined;
  }
  if (from === undefined) return undefined;
  const { release, prerelease } = highest(versions, read);
  if (release && comparePrecedence(release, from) > 0) return release.raw;
  const followsPrereleases = from.prerelease.length > 0;
  return followsPrereleases && prerelease && comparePrecedence(prerelease, from) > 0
    ? prerelease.raw
    : undefined;
};

/** Newest first; without texts that do not begin with a number. */
export const newestFirst = (versions: readonly string[], read = createVersionReader()): string[] =>
  versions.filter((version) => /^\d/.test(version)).sort((a, b) => compareBuilds(b, a, read));
