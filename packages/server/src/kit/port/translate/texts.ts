import { parseExpression } from "../perl/statements.ts";
import { PerlSyntaxError } from "../perl/syntax-error.ts";
import { type Code, Untranslatable } from "./code.ts";
import { listText, valueCode } from "./rules.ts";
import type { Translation } from "./translation.ts";

const ESCAPES: Readonly<Record<string, string>> = {
  n: "\n",
  t: "\t",
  r: "\r",
  "0": "\0",
  a: "\x07",
  e: "\x1b",
  f: "\f",
};

/** The text of an escape. @throws Untranslatable */
const unescaped = (escaped: string): string => {
  const [, hex] = /^\\x(?:\{([0-9A-Fa-f]+)\}|[0-9A-Fa-f]{1,2})/.exec(escaped) ?? [];
  if (escaped.startsWith("\\x")) return String.fromCodePoint(Number.parseInt(hex ?? escaped.slice(2), 16));
  const letter = escaped.slice(1);
  if (/[QULuElN]/.test(letter)) throw new Untranslatable(`\\${letter} in a text`);
  return ESCAPES[letter] ?? letter;
};

const SUBSCRIPT =
  /^(?:(?:->)?(?:\[(?:-?\d+|\$\w+|\$#?\w+\s*[-+]\s*\d+)\]|\{(?:[\w-]+|"[^"{}]*"|'[^'{}]*'|\$\w+)\})|->(?=[[{]))/;

/** How much of a text is a variable with its subscripts. */
const variableAt = (text: string, kind: "text" | "pattern"): string | undefined => {
  if (text.startsWith("@{") || text.startsWith("${")) {
    const [named] = /^[$@]\{\s*\w+\s*\}/.exec(text) ?? [];
    let end = named?.length ?? 0;
    if (named === undefined) {
      let depth = 0;
      do {
        if (text[end] === "{") depth++;
        if (text[end] === "}") depth--;
        end++;
      } while (end < text.length && (depth > 0 || end < 2));
    }
    return withSubscripts(text, end, kind);
  }
  const [name] =
    /^(?:\$\$?[A-Za-z_]\w*(?:::\w+)*|\$\d+|\$[&@!](?!\w)|\$\+(?=\{)|@\$?[A-Za-z_]\w*)/.exec(text) ?? [];
  if (name === undefined) return undefined;
  if (kind === "pattern" && /^(?:\$[@!&]|@)/.test(name)) return undefined;
  return withSubscripts(text, name.length, kind);
};

const withSubscripts = (text: string, from: number, kind: "text" | "pattern"): string => {
  let end = from;
  for (;;) {
    const rest = text.slice(end);
    // In a pattern, brackets after a variable are a class, and braces a count.
    const isCount = kind === "pattern" && /^(?:\[|\{\d)/.test(rest);
    const [subscript] = (!isCount && SUBSCRIPT.exec(rest)) || [];
    if (subscript === undefined) return text.slice(0, end);
    end += subscript.length;
  }
};

const interpolated = (t: Translation, source: string): Code => {
  try {
    const name = source.replace(/^([$@])\{\s*(\w+)\s*\}/, "$1$2");
    const expression = parseExpression(name);
    const isList =
      (expression.kind === "variable" || expression.kind === "dereference") && expression.sigil === "@";
    if (!isList) return valueCode(t, expression);
    return { text: `${listText(t, expression)}.join(" ")`, type: "text", isAtom: true };
  } catch (error) {
    if (error instanceof PerlSyntaxError) throw new Untranslatable(`${source} in a text`);
    throw error;
  }
};

/**
 * The literal parts of a text or a pattern, and the values between them.
 * @throws Untranslatable
 */
export const partsOf = (t: Translation, text: string, kind: "text" | "pattern"): (string | Code)[] => {
  const parts: (string | Code)[] = [];
  let literal = "";
  let at = 0;
  while (at < text.length) {
    const rest = text.slice(at);
    const [escaped] = /^\\(?:x\{[0-9A-Fa-f]+\}|x[0-9A-Fa-f]{1,2}|[\s\S])/.exec(rest) ?? [];
    const variable = escaped === undefined ? variableAt(rest, kind) : undefined;
    if (variable !== undefined) {
      parts.push(literal, interpolated(t, variable));
      literal = "";
      at += variable.length;
    } else if (escaped !== undefined) {
      literal += kind === "text" ? unescaped(escaped) : escaped;
      at += escaped.length;
    } else {
      literal += text[at];
      at++;
    }
  }
  return [...parts, literal].filter((part) => part !== "");
};

/** A text in single quotes. */
export const rawText = (text: string): string => text.replaceAll(/\\([\\'])/g, "$1");
