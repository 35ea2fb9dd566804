import { RE2JS } from "re2js";

/**
 * Size of a compiled pattern up to which an address of 8,192 characters is matched within the limit of url-pattern.ts. A
 * pattern for a site has less than a hundred instructions.
 */
const MAX_LINEAR_SIZE = 300;

export interface UrlRegex {
  /** It needs linear time: no address makes it slow. */
  linear: boolean;
  test(url: string): boolean;
}

/** An escape, a class, a possessive quantifier, an atomic group. */
const PERL_SYNTAX = /\\[\s\S]|\[\^?\]?(?:\\[\s\S]|[^\]\\])*\]|([*+?}])\+|\(\?>/g;

const ESCAPES: Record<string, string> = { "\\K": "", "\\Z": "$", "\\z": "$", "\\A": "^", "\\h": "[ \\t]" };

/**
 * Perl's syntax that JavaScript and RE2 do not have. Possessive quantifiers and atomic groups become ordinary ones, which
 * match a little more.
 */
const fromPerl = (pattern: string): string =>
  pattern.replace(PERL_SYNTAX, (found, quantifier?: string) => {
    if (quantifier !== undefined) return quantifier;
    return found === "(?>" ? "(?:" : (ESCAPES[found] ?? found);
  });

const linear = (pattern: string): UrlRegex | undefined => {
  const compiled = RE2JS.compile(pattern);
  if (compiled.programSize() > MAX_LINEAR_SIZE) return undefined;
  return { linear: true, test: (url) => compiled.matcher(url).find() };
};

/** Lookaheads, lookbehinds and references to groups need this. */
const backtracking = (pattern: string): UrlRegex => {
  const compiled = new RegExp(pattern);
  return { linear: false, test: (url) => compiled.test(url) };
};

/**
 * Compiles a `url_regex` in the syntax of JavaScript or Perl. Compiling a hostile pattern can take seconds, so that it
 * is done in a thread of its own.
 * @returns undefined if it is no pattern
 */
export const compileUrlRegex = (pattern: string): UrlRegex | undefined => {
  for (const compile of [linear, backtracking]) {
    for (const text of [pattern, fromPerl(pattern)]) {
      try {
        const compiled = compile(text);
        if (compiled) return compiled;
      } catch {
        // Another syntax.
      }
    }
  }
  return undefined;
};

const INLINE_FLAGS = /\(\?\^?[a-z]*(?:-[a-z]+)?(?:\)|:)/g;

/** Whether a text is a pattern, without compiling it for use. */
export const isUrlRegex = (text: string): boolean => {
  const perl = fromPerl(text).replace(INLINE_FLAGS, (flags) => (flags.endsWith(":") ? "(?:" : ""));
  return [text, perl].some((pattern) => {
    try {
      return Boolean(new RegExp(pattern));
    } catch {
      return false;
    }
  });
};
