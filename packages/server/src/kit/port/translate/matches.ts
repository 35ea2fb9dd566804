import { parseExpression } from "../perl/statements.ts";
import type { Expression } from "../perl/syntax.ts";
import { PerlSyntaxError } from "../perl/syntax-error.ts";
import { atom, type Code, compound, template, Untranslatable, wrapped } from "./code.ts";
import { translatePattern } from "./patterns.ts";
import { textCode, valueCode } from "./rules.ts";
import { partsOf, rawText } from "./texts.ts";
import type { Translation } from "./translation.ts";

type Match = Extract<Expression, { kind: "match" | "bind" | "substitution" }>;
type Substitution = Extract<Expression, { kind: "substitution" }>;
type Transliteration = Extract<Expression, { kind: "transliteration" }>;

const TOPIC: Expression = { kind: "variable", sigil: "$", name: "_" };

/** Translates the replacement, in which `$1` is what was found. */
const withFound = <T>(t: Translation, run: () => T): T => {
  const before = t.match;
  t.match = "found";
  try {
    return run();
  } finally {
    t.match = before;
  }
};

/** The second argument of `replace`. @throws Untranslatable */
const replacementOf = (t: Translation, { pattern, replacement }: Substitution): string => {
  if (pattern.flags.includes("e")) {
    try {
      const expression = parseExpression(replacement);
      return `(...found: any[]) => ${withFound(t, () => textCode(t, expression)).text}`;
    } catch (error) {
      if (error instanceof PerlSyntaxError) throw new Untranslatable("the replacement");
      throw error;
    }
  }
  const parts = pattern.interpolates
    ? withFound(t, () => partsOf(t, replacement, "text"))
    : [rawText(replacement)];
  const texts = parts.map((part) => {
    if (typeof part === "string") return part.replaceAll("$", "$$$$");
    const [, place] = /^found\[(\d+)\]$/.exec(part.text) ?? [];
    return place === undefined ? undefined : place === "0" ? "$&" : `$${place}`;
  });
  if (!texts.includes(undefined)) return JSON.stringify(texts.join(""));
  return `(...found: any[]) => ${template(parts).text}`;
};

/** What a substitution makes of a text. */
export const replaced = (t: Translation, text: Code, substitution: Substitution): Code => {
  const { code } = translatePattern(t, substitution.pattern);
  return atom(`${wrapped(text)}.replace(${code.text}, ${replacementOf(t, substitution)})`, "text");
};

const inClass = (text: string): string => text.replaceAll(/[\\\]^]/g, "\\$&").replaceAll("/", "\\/");

/** What a transliteration to one character makes of a text. @throws Untranslatable for others */
export const transliterated = (text: Code, { from, to, flags }: Transliteration): Code => {
  const isDeletion = flags === "d" && to === "";
  if (!isDeletion && (flags !== "" || rawText(to).length !== 1))
    throw new Untranslatable("a transliteration");
  return atom(
    `${wrapped(text)}.replace(/[${inClass(rawText(from))}]/g, ${JSON.stringify(rawText(to))})`,
    "text",
  );
};

const tested = (t: Translation, target: Expression, operation: Expression): Code => {
  const text = textCode(t, target).text;
  if (operation.kind !== "match") {
    const value = valueCode(t, operation);
    if (value.type === "pattern") return compound(`${value.text}.test(${text})`, "flag");
    return compound(`new RegExp(${textCode(t, operation).text}).test(${text})`, "flag");
  }
  const { code, groups } = translatePattern(t, operation.pattern, false);
  if (!t.readsCaptures || groups === 0) return atom(`${code.text}.test(${text})`, "flag");
  t.usesMatch = true;
  return atom(`(match = ${code.text}.exec(${text}))`, "any");
};

/** A match as a condition, or the value of a substitution that changes nothing. @throws Untranslatable */
export const matchOf = (t: Translation, expression: Match): Code => {
  const [target, operation, isNegated] =
    expression.kind === "bind"
      ? [expression.target, expression.operation, expression.isNegated]
      : [TOPIC, expression, false];
  if (operation.kind === "substitution") {
    if (!operation.pattern.flags.includes("r")) throw new Untranslatable("a substitution as a value");
    return replaced(t, textCode(t, target), operation);
  }
  if (operation.kind === "transliteration") {
    if (!operation.flags.includes("r")) throw new Untranslatable("a transliteration as a value");
    return transliterated(textCode(t, target), { ...operation, flags: operation.flags.replace("r", "") });
  }
  const code = tested(t, target, operation);
  return isNegated ? compound(`!${code.text}`, "flag") : code;
};
