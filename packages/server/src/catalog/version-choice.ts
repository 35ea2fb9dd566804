import { compare, compareBuild, parse, type SemVer } from "semver";

/** SemVer 2.0.0 §2-§10 to the letter: no leading `v`, no spaces, no missing part, no leading zero. */
const STRICT =
  /^(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)(?:-(?:0|[1-9]\d*|\d*[A-Za-z-][0-9A-Za-z-]*)(?:\.(?:0|[1-9]\d*|\d*[A-Za-z-][0-9A-Za-z-]*))*)?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$/;

/**
 * Reads a version, or answers undefined where it is none of SemVer 2.0.0. Versions of more than 256 characters and
 * numbers beyond 2^53-1 are refused too, because their precedence could not be told.
 */
export const parseVersion = (text: string): SemVer | undefined =>
  STRICT.test(text) ? (parse(text) ?? undefined) : undefined;

/** A reader that remembers, for many texts among which few differ. */
export const createVersionReader = (): typeof parseVersion => {
  const known = new Map<string, SemVer | undefined>();
  return (text) => {
    if (!known.has(text)) known.set(text, parseVersion(text));
    return known.get(text);
  };
};

/** Versions that differ in build metadata only are of one precedence (§10); they are told apart so that the choice is stable. */
const higher = (a: SemVer | undefined, b: SemVer): SemVer => (a && compareBuild(a, b) >= 0 ? a : b);

const highest = (versions: readonly string[], read: typeof parseVersion) => {
  let release: SemVer | undefined;
  let prerelease: SemVer | undefined;
  for (const text of versions) {
    const version = read(text);
    if (version === undefined) continue;
    if (version.prerelease.length === 0) release = higher(release, version);
    else prerelease = higher(prerelease, version);
  }
  return { release, prerelease };
};

/** The text that a version was read from; `SemVer.version` lacks the build metadata. */
const textOf = (version: SemVer | undefined): string | undefined => version?.raw;

/**
 * The version that an install without a version takes: the highest release by SemVer 2.0.0 §11, or the highest
 * prerelease where there is no release; undefined where there is no version at all.
 */
export const chooseVersion = (versions: readonly string[], read = parseVersion): string | undefined => {
  const { release, prerelease } = highest(versions, read);
  return textOf(release ?? prerelease);
};

/**
 * The version that an upgrade would bring, or undefined. A release is followed by releases only; a prerelease by the
 * highest newer release, or where there is none by the highest newer prerelease.
 */
export const chooseUpdate = (installed: string, versions: readonly string[]): string | undefined => {
  const from = parseVersion(installed);
  if (from === undefined) return undefined;
  const { release, prerelease } = highest(versions, parseVersion);
  if (release && compare(release, from) > 0) return textOf(release);
  const followsPrereleases = from.prerelease.length > 0;
  return followsPrereleases && prerelease && compare(prerelease, from) > 0 ? textOf(prerelease) : undefined;
};

/** Newest first. */
export const newestFirst = (versions: readonly string[]): string[] =>
  versions
    .flatMap((text) => parseVersion(text) ?? [])
    .sort((a, b) => compareBuild(b, a))
    .map((version) => version.raw);
