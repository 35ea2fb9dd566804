import type { KnownVersion } from "./versions.ts";

/** Says why a number is not used again: it was that of a version of an earlier epoch. */
export const endedText = ({ namespace, version }: Pick<KnownVersion, "namespace" | "version">): string =>
  `${namespace} ${version} was published before this epoch and ended with it, and owners may have that file`;

/**
 * What to do about a file with such a number.
 * @param next the version to take; undefined where no number is above
 * @param isSame whether the file has the bytes that ended
 */
export const endedHint = (next: string | undefined, isSame: boolean): string => {
  const take =
    next === undefined
      ? "Give the file a version that was never published. Owners who have the other file install it by its number."
      : `Give the file the version ${next}. Owners who have the other file get it with \`hitagi upgrade\`.`;
  return isSame
    ? `These are the bytes that ended: look whether they are yours, or a thief's. ${take} To offer your own file again as it was, remove the version from \`ended\` in registry.versions.json.`
    : take;
};
