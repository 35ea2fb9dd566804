/** A place in a text that looks like a secret. Line and column begin at 1. */
export interface FoundSecret {
  what: string;
  line: number;
  column: number;
}

/** Forms that issuers document, so that they are told from other texts. */
const forms: readonly (readonly [what: string, form: RegExp])[] = [
  ["a private key", /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----/g],
  ["a token of GitHub", /\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{22,})/g],
  ["a token of GitLab", /\bglpat-[A-Za-z0-9_-]{20,}/g],
  ["a token of npm", /\bnpm_[A-Za-z0-9]{36}\b/g],
  ["an access key of AWS", /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/g],
  ["a key of Google", /\bAIza[0-9A-Za-z_-]{35}\b/g],
  ["a token of Slack", /\bxox[abposr]-[0-9A-Za-z-]{10,}/g],
  ["a secret key of Stripe", /\b[rs]k_live_[0-9A-Za-z]{20,}/g],
  ["a token of Discord", /\b[MNO][A-Za-z0-9_-]{23,25}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,}/g],
  ["a JSON web token", /\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}/g],
  ["a password in an address", /\bhttps?:\/\/[^\s/:@"'`$]+:[^\s/:@"'`$]{3,}@/g],
  [
    "a secret with its name",
    /\b(?:api[_-]?key|apikey|secret|token|password|passwd)["']?\s*[:=]\s*["'`]([A-Za-z0-9+/_=-]{16,})["'`]/gi,
  ],
];

/** Bits of information in a character. Words and identifiers have fewer than random texts. */
const entropy = (text: string): number => {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  return [...counts.values()].reduce((sum, n) => sum - (n / text.length) * Math.log2(n / text.length), 0);
};

const MIN_ENTROPY = 3.3;

const placeOf = (text: string, at: number): Pick<FoundSecret, "line" | "column"> => {
  const before = text.slice(0, at);
  const start = before.lastIndexOf("\n") + 1;
  return { line: before.split("\n").length, column: at - start + 1 };
};

/** Every place in a source that looks like a secret. */
export const secretsIn = (text: string): FoundSecret[] =>
  forms.flatMap(([what, form]) =>
    [...text.matchAll(form)]
      .filter(([, value]) => value === undefined || (/\d/.test(value) && entropy(value) >= MIN_ENTROPY))
      .map((match) => ({ what, ...placeOf(text, match.index) })),
  );
