import type { RegistryIdentity } from "@hitagi/contract";

/** How a typed fingerprint stands to the shown one; `incomplete` while it is neither 64 hex digits nor 12 words. */
export type FingerprintVerdict = "none" | "incomplete" | "same" | "other";

/**
 * Compares what a keeper published, in hex or in words, with what a registry shows. Case, spaces, colons and numbers before the words
 * do not count.
 */
export const verdictOn = (
  typed: string,
  { fingerprint, words }: Pick<RegistryIdentity, "fingerprint" | "words">,
): FingerprintVerdict => {
  const text = typed.trim().toLowerCase();
  if (text === "") return "none";
  const hex = text.replace(/[\s:]/g, "");
  if (/^[0-9a-f]{64}$/.test(hex)) return hex === fingerprint ? "same" : "other";
  const list = text.match(/[a-z]+/g) ?? [];
  if (list.length !== 12) return "incomplete";
  return list.join(" ") === words ? "same" : "other";
};
