import semver from "semver";

/** Whether a text is a range of versions as npm writes it. */
export const isRange = (range: string): boolean => semver.validRange(range) !== null;

/**
 * Whether a version is in a range. A prerelease is in a range that names one of its numbers (as in npm). Every version is in `*`, also
 * one that is not SemVer. A text that is no range has none.
 */
export const isInRange = (version: string, range: string): boolean =>
  semver.validRange(range) === "*" || semver.satisfies(version, range);

/** Whether a version of Hitagi is in a range; a prerelease counts as a version like others. */
export const fitsHitagi = (version: string, range: string): boolean =>
  semver.satisfies(version, range, { includePrerelease: true });
