/** A version of SemVer 2.0.0. Its numbers may have any size, and stay text. */
export interface SemanticVersion {
  /** The text that was parsed. */
  raw: string;
  core: readonly string[];
  /** Empty for a release. */
  prerelease: readonly string[];
  build: readonly string[];
}

/** SemVer 2.0.0 §2-§10 to the letter: no leading `v`, no spaces, no missing part, no leading zero. */
const STRICT =
  /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-((?:0|[1-9]\d*|\d*[A-Za-z-][0-9A-Za-z-]*)(?:\.(?:0|[1-9]\d*|\d*[A-Za-z-][0-9A-Za-z-]*))*))?(?:\+([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?$/;
const MAX_LENGTH = 256;

/** Parses a version of SemVer 2.0.0, of at most 256 characters; undefined for other text. */
export const parseVersion = (text: string): SemanticVersion | undefined => {
  const [, major, minor = "", patch = "", prerelease, build] =
    (text.length <= MAX_LENGTH && STRICT.exec(text)) || [];
  return major === undefined
    ? undefined
    : {
        raw: text,
        core: [major, minor, patch],
        prerelease: prerelease?.split(".") ?? [],
        build: build?.split(".") ?? [],
      };
};

/** A version without its build metadata, which makes no other version (§10). */
export const withoutBuild = (version: string): string => version.split("+", 1)[0] ?? "";

export const compareTexts = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

/** Numbers without leading zeros: the longer one is the higher one. */
export const compareNumbers = (a: string, b: string): number => a.length - b.length || compareTexts(a, b);

const NUMBER = /^\d+$/;

/** Compares identifiers by §11.4. */
const compareIdentifiers = (a: string, b: string): number => {
  const [isNumber, other] = [NUMBER.test(a), NUMBER.test(b)];
  if (isNumber !== other) return isNumber ? -1 : 1;
  return isNumber ? compareNumbers(a, b) : compareTexts(a, b);
};

/** Compares lists identifier by identifier; a list that begins with another one is the higher one. */
const compareLists = (a: readonly string[], b: readonly string[]): number => {
  for (let n = 0; n < Math.min(a.length, b.length); n++) {
    const order = compareIdentifiers(a[n] ?? "", b[n] ?? "");
    if (order !== 0) return order;
  }
  return a.length - b.length;
};

/** Compares by precedence (§11), without build metadata. @returns below, above or equal to 0 */
export const comparePrecedence = (a: SemanticVersion, b: SemanticVersion): number => {
  const order = compareLists(a.core, b.core);
  if (order !== 0) return order;
  const isRelease = Number(a.prerelease.length === 0) - Number(b.prerelease.length === 0);
  return isRelease || compareLists(a.prerelease, b.prerelease);
};

/** The same, and by build metadata where the precedence is equal. It makes a choice stable. */
export const compareWithBuild = (a: SemanticVersion, b: SemanticVersion): number =>
  comparePrecedence(a, b) || compareLists(a.build, b.build);
