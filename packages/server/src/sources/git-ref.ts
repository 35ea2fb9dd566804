/** The ref that stands for a repository's default branch. */
export const DEFAULT_REF = "HEAD";

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const FORBIDDEN = /[\u0000-\u0020\u007f~^:?*[\\]|\.\.|@\{|\/\/|\.lock(?:\/|$)|(?:^|\/)\.|[/.]$|^\//;

/** A whole commit id, SHA-1 or SHA-256. */
export const isCommit = (ref: string): boolean => /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(ref);

/**
 * What is wrong with the name of a branch, tag or commit, in words, or undefined (git-check-ref-format). One that
 * begins with `-` would be an option to git.
 */
export const refFault = (ref: string): string | undefined => {
  if (ref.startsWith("-")) return "ref must not begin with -";
  if (ref.length > 255) return "ref is longer than 255 characters";
  return FORBIDDEN.test(ref) || ref === "@" ? "ref is not the name of a branch, tag or commit" : undefined;
};
