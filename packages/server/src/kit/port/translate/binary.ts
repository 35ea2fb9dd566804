import type { Expression } from "../perl/syntax.ts";
import { atom, type Code, compound, plain, template, Untranslatable, wrapped } from "./code.ts";
import { conditionCode, numberCode, textCode, valueCode } from "./rules.ts";
import type { Translation } from "./translation.ts";

type Binary = Extract<Expression, { kind: "binary" }>;

const NUMERIC: Readonly<Record<string, string>> = {
  "==": "===",
  "!=": "!==",
  "<": "<",
  ">": ">",
  "<=": "<=",
  ">=": ">=",
};
const TEXTUAL: Readonly<Record<string, string>> = {
  eq: "===",
  ne: "!==",
  lt: "<",
  gt: ">",
  le: "<=",
  ge: ">=",
};
const ARITHMETIC = new Set(["+", "-", "*", "/", "%", "**"]);

const isCallOf = (
  expression: Expression,
  name: string,
): expression is Extract<Expression, { kind: "call" }> =>
  expression.kind === "call" && expression.name === name;

/** The kind of reference that is asked for: `'ARRAY'`, or `ref {}`. */
const referenceKind = (expression: Expression): string | undefined => {
  if (expression.kind === "string") return expression.text;
  const [of] = isCallOf(expression, "ref") ? expression.args : [];
  return of?.kind === "hash" ? "HASH" : of?.kind === "array" ? "ARRAY" : undefined;
};

/** `ref $x eq 'ARRAY'`. */
const referenceTest = (t: Translation, { operator, left, right }: Binary): Code | undefined => {
  const [asked, kind] =
    isCallOf(left, "ref") && referenceKind(left) === undefined
      ? [left, referenceKind(right)]
      : [right, referenceKind(left)];
  if (!isCallOf(asked, "ref") || kind === undefined || !asked.args[0]) return undefined;
  const value = plain(valueCode(t, asked.args[0]));
  const not = operator === "ne" ? "!" : "";
  if (kind === "ARRAY") return compound(`${not}Array.isArray(${value})`, "flag");
  if (kind === "HASH") return compound(`${not}${t.helper("isHash")}(${value})`, "flag");
  if (kind === "")
    return compound(
      `${operator === "ne" ? "" : "!"}(typeof ${value} === "object" && ${value} !== null)`,
      "flag",
    );
  throw new Untranslatable(`a reference of the kind ${kind}`);
};

const isUndef = (expression: Expression): boolean =>
  isCallOf(expression, "undef") && expression.args.length === 0;

const comparison = (
  t: Translation,
  { operator, left, right }: Binary,
  sign: string,
  isText: boolean,
): Code => {
  if ((sign === "===" || sign === "!==") && isUndef(right))
    return compound(`${wrapped(valueCode(t, left))} ${sign.slice(0, 2)} null`, "flag");
  const of = isText ? textCode : numberCode;
  return compound(
    `${wrapped(of(t, left))} ${sign} ${wrapped(of(t, right))}`,
    operator === "" ? "any" : "flag",
  );
};

const logical = (operator: string, left: Code, right: Code): Code => {
  const type =
    left.type === right.type
      ? left.type
      : left.type === "flag" && operator === "&&" && right.type === "flag"
        ? "flag"
        : "any";
  const result =
    type === "any" && left.type === "maybeText" && right.type === "text" && operator !== "&&" ? "text" : type;
  return compound(`${operand(left)} ${operator} ${operand(right)}`, result);
};

/** A side of a logical operator. A negated name needs no brackets. */
const operand = (code: Code): string => {
  const text = plain(code);
  return /^![\w.]+$/.test(text) ? text : wrapped({ ...code, text });
};

/** Conditions of both sides, where at least one is no value. */
const isConditional = ({ type }: Code): boolean => type === "list" || type === "elements" || type === "hash";

/** An operator between two values. @throws Untranslatable */
export const binaryOf = (t: Translation, binary: Binary): Code => {
  const { operator, left, right } = binary;
  if (operator === ".") return template([partOf(t, left), partOf(t, right)]);
  if (operator === "eq" || operator === "ne") {
    const test = referenceTest(t, binary);
    if (test) return test;
  }
  const numeric = NUMERIC[operator];
  if (numeric !== undefined) return comparison(t, binary, numeric, false);
  const textual = TEXTUAL[operator];
  if (textual !== undefined) return comparison(t, binary, textual, true);
  if (ARITHMETIC.has(operator))
    return compound(`${wrapped(numberCode(t, left))} ${operator} ${wrapped(numberCode(t, right))}`, "number");
  switch (operator) {
    case "<=>":
      return compound(`${wrapped(numberCode(t, left))} - ${wrapped(numberCode(t, right))}`, "number");
    case "cmp": {
      const [a, b] = [wrapped(textCode(t, left)), wrapped(textCode(t, right))];
      return compound(`${a} < ${b} ? -1 : Number(${a} > ${b})`, "number");
    }
    case "x":
      if (left.kind === "list") throw new Untranslatable("a repeated list");
      return atom(`${wrapped(textCode(t, left))}.repeat(${numberCode(t, right).text})`, "text");
    case "//":
      return logical("??", valueCode(t, left), valueCode(t, right));
    case "&&":
    case "and":
    case "||":
    case "or": {
      const sign = operator === "&&" || operator === "and" ? "&&" : "||";
      const [a, b] = [valueCode(t, left), valueCode(t, right)];
      if (isConditional(a) || (isConditional(b) && b.type !== a.type))
        return logical(sign, conditionCode(t, left), conditionCode(t, right));
      return logical(sign, a, b);
    }
    default:
      throw new Untranslatable(`the operator ${operator}`);
  }
};

/** Whether a template takes it as it is. */
const isInterpolated = ({ type, parts }: Code): boolean =>
  parts !== undefined || ["any", "maybeText", "entry", "number", "address"].includes(type);

/** A part of a joined text. Lists count. */
const partOf = (t: Translation, expression: Expression): Code => {
  const code = valueCode(t, expression);
  return isInterpolated(code) ? code : textCode(t, expression);
};
