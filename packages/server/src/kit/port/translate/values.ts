import type { Expression } from "../perl/syntax.ts";
import { binaryOf } from "./binary.ts";
import { callOf } from "./calls.ts";
import {
  asCondition,
  asText,
  atom,
  type Code,
  compound,
  negated,
  plain,
  template,
  Untranslatable,
  wrapped,
} from "./code.ts";
import { elementOf } from "./elements.ts";
import { hashOf } from "./hashes.ts";
import { matchOf } from "./matches.ts";
import { methodOf } from "./methods.ts";
import { translatePattern } from "./patterns.ts";
import { partsOf, rawText } from "./texts.ts";
import type { Translation } from "./translation.ts";

type Of<K extends Expression["kind"]> = Extract<Expression, { kind: K }>;

const variableOf = (t: Translation, { sigil, name }: Of<"variable">): Code => {
  if (sigil === "$" && /^(?:[1-9]\d*|&)$/.test(name)) {
    const place = name === "&" ? "0" : name;
    // In a replacement, the match is there.
    if (t.match === "found") return atom(`found[${place}]`);
    t.usesMatch = true;
    return atom(`match?.[${place}]`);
  }
  if (name === "@" && sigil === "$") {
    t.usesFailure = true;
    return atom("failure", "any");
  }
  if (name === "_" && sigil === "@") throw new Untranslatable("the arguments as a list");
  return t.read(sigil, name);
};

const dereferenceOf = (t: Translation, { sigil, of }: Of<"dereference">): Code => {
  const value = valueCode(t, of);
  if (sigil === "@") {
    if (value.type === "list" || value.type === "elements") return value;
    if (value.type === "any")
      return atom(value.text.endsWith("?? []") ? `(${value.text})` : `(${wrapped(value)} ?? [])`, "list");
  }
  if (sigil === "%") {
    if (value.type === "hash" || value.type === "settings") return value;
    if (value.type === "any")
      return atom(value.text.endsWith("?? {}") ? `(${value.text})` : `(${wrapped(value)} ?? {})`, "hash");
  }
  throw new Untranslatable(`${sigil} of a ${value.type}`);
};

const unaryOf = (t: Translation, { operator, of }: Of<"unary">): Code => {
  if (operator === "\\") {
    const { kind } = of;
    const isReferable =
      (kind === "variable" || kind === "dereference") && (of.sigil === "@" || of.sigil === "%");
    if (isReferable) return valueCode(t, of);
    throw new Untranslatable("a reference");
  }
  if (operator === "!") return negated(conditionCode(t, of));
  if (operator === "-") return compound(`-${wrapped(numberCode(t, of))}`, "number");
  throw new Untranslatable(`the operator ${operator}`);
};

const stringOf = (t: Translation, { text, interpolates }: Of<"string">): Code =>
  template(interpolates ? partsOf(t, text, "text") : [rawText(text)]);

const choiceOf = (t: Translation, { condition, yes, no }: Of<"choice">): Code => {
  const [a, b] = [valueCode(t, yes), valueCode(t, no)];
  const type = a.type === b.type ? a.type : "any";
  return compound(`${wrapped(conditionCode(t, condition))} ? ${plain(a)} : ${plain(b)}`, type);
};

/** `do { local $/; <$file> }` is the whole text; any other block is not a value. */
const blockOf = (t: Translation, { word, body }: Of<"block">): Code => {
  const last = body.at(-1);
  const expression = last?.kind === "expression" && !last.modifier ? last.expression : undefined;
  const isSlurp =
    word === "do" &&
    expression?.kind === "readline" &&
    body.slice(0, -1).every((one) => one.kind === "expression" && isLocalSeparator(one.expression));
  if (isSlurp) return valueCode(t, expression);
  if (word === "do" && body.length === 1 && expression) return valueCode(t, expression);
  throw new Untranslatable("a block as a value");
};

/** `local $/` */
const isLocalSeparator = (expression: Expression): boolean => {
  const target = expression.kind === "assignment" ? expression.left : expression;
  return target.kind === "call" && target.name === "local"
    ? true
    : target.kind === "declaration" &&
        target.word === "local" &&
        target.variables.every((one) => one?.name === "/");
};

const readlineOf = (t: Translation, { handle }: Of<"readline">): Code => {
  const value = handle.startsWith("$") ? t.read("$", handle.slice(1)) : undefined;
  if (value?.type === "handle") return value;
  throw new Untranslatable("a line of a file");
};

/** A value in TypeScript. @throws Untranslatable */
export const valueCode = (t: Translation, expression: Expression): Code => {
  switch (expression.kind) {
    case "number":
      return atom(expression.text, "number");
    case "string":
      return stringOf(t, expression);
    case "variable":
      return variableOf(t, expression);
    case "element":
      return elementOf(t, expression);
    case "dereference":
      return dereferenceOf(t, expression);
    case "lastIndex":
      return compound(`${lengthOf(t, expression.of)} - 1`, "number");
    case "call":
      return callOf(t, expression);
    case "method":
      return methodOf(t, expression);
    case "regex":
      return translatePattern(t, expression.pattern).code;
    case "match":
    case "bind":
    case "substitution":
      return matchOf(t, expression);
    case "unary":
      return unaryOf(t, expression);
    case "binary":
      return binaryOf(t, expression);
    case "choice":
      return choiceOf(t, expression);
    case "array":
      return atom(itemsOf(t, expression.items), "list");
    case "hash":
      return atom(hashOf(t, expression.items), "hash");
    case "slice":
      return atom(listText(t, expression), "list");
    case "block":
      return blockOf(t, expression);
    case "readline":
      return readlineOf(t, expression);
    case "list": {
      const [only, ...more] = expression.items;
      if (only && more.length === 0) return valueCode(t, only);
      throw new Untranslatable("a list as a value");
    }
    default:
      throw new Untranslatable(`a ${expression.kind} as a value`);
  }
};

export const textCode = (t: Translation, expression: Expression): Code => {
  const code = asText(valueCode(t, expression));
  return code.type === "archive" ? atom(`${t.context}.archive.filename`, "text") : code;
};

export const numberCode = (t: Translation, expression: Expression): Code => {
  const code = valueCode(t, expression);
  if (code.type === "number") return code;
  if (code.type === "list" || code.type === "elements") return atom(`${wrapped(code)}.length`, "number");
  if (code.type === "text" || code.type === "flag") return atom(`Number(${code.text})`, "number");
  if (code.type === "any" || code.type === "maybeText")
    return atom(`Number(${wrapped(code)} ?? 0)`, "number");
  throw new Untranslatable(`a ${code.type} as a number`);
};

export const conditionCode = (t: Translation, expression: Expression): Code =>
  asCondition(valueCode(t, expression));

const lengthOf = (t: Translation, of: Expression): string => {
  const value = valueCode(
    t,
    of.kind === "variable" && of.sigil === "$" ? { kind: "dereference", sigil: "@", of } : of,
  );
  if (value.type === "list" || value.type === "elements") return `${wrapped(value)}.length`;
  if (value.type === "any") return `(${value.text} ?? []).length`;
  throw new Untranslatable("the last place of something else than a list");
};

const isListValue = ({ type }: Code): boolean => type === "list" || type === "elements" || type === "pairs";

const sliceOf = (t: Translation, { base, of, index }: Of<"slice">): string => {
  const list = base.kind === "list" ? listText(t, base) : wrapped(valueCode(t, base));
  const keys = index.kind === "list" ? index.items : [index];
  if (keys.some((key) => key.kind === "binary" && key.operator === ".."))
    throw new Untranslatable("a range of places");
  if (of === "array") return `[${keys.map((key) => `${list}.at(${numberCode(t, key).text})`).join(", ")}]`;
  return `[${keys.map((key) => `${list}[${textCode(t, key).text}]`).join(", ")}]`;
};

/** The items of a list as an array. */
export const itemsOf = (t: Translation, items: readonly Expression[]): string => {
  const [only] = items;
  if (items.length === 1 && only && isSpreadable(only)) return listText(t, only, true);
  return `[${items.map((item) => itemOf(t, item)).join(", ")}]`;
};

const itemOf = (t: Translation, item: Expression): string => {
  if (isSpreadable(item)) return `...${listText(t, item)}`;
  const code = valueCode(t, item);
  return isListValue(code) && item.kind !== "array" && !isReference(item)
    ? `...${wrapped(code)}`
    : plain(code);
};

/** A list that a scalar variable refers to is one item. */
const isReference = (item: Expression): boolean =>
  (item.kind === "variable" && item.sigil === "$") || item.kind === "unary" || item.kind === "element";

const isSpreadable = ({ kind, ...rest }: Expression): boolean => {
  const { sigil, name, operator } = rest as { sigil?: string; name?: string; operator?: string };
  if (kind === "variable" || kind === "dereference") return sigil === "@" || sigil === "%";
  if (kind === "list" || kind === "slice") return true;
  if (kind === "binary") return operator === "..";
  if (kind === "readline") return true;
  return (
    kind === "call" &&
    /^(?:map|grep|sort|keys|values|split|reverse|uniq|split_tags_to_array)$/.test(name ?? "")
  );
};

/**
 * What Perl sees as a list, as an array.
 * @param isOwn whether it must be a new array
 */
export const listText = (t: Translation, expression: Expression, isOwn = false): string => {
  const { kind } = expression;
  if (kind === "list") return itemsOf(t, expression.items);
  if (kind === "slice") return sliceOf(t, expression);
  if (kind === "readline") return `${wrapped(valueCode(t, expression))}.split(/(?<=\\n)/)`;
  if (kind === "binary" && expression.operator === "..") {
    const [from, to] = [numberCode(t, expression.left), numberCode(t, expression.right)];
    const length = from.text === "0" ? `${wrapped(to)} + 1` : `${wrapped(to)} - ${wrapped(from)} + 1`;
    const item = from.text === "0" ? "i" : `i + ${wrapped(from)}`;
    return `Array.from({ length: ${length} }, (_, i) => ${item})`;
  }
  if (kind === "choice") {
    const [yes, no] = [listText(t, expression.yes), listText(t, expression.no)];
    return `(${wrapped(conditionCode(t, expression.condition))} ? ${yes} : ${no})`;
  }
  if (kind === "bind" || kind === "match") return matchListOf(t, expression);
  const code = valueCode(t, expression);
  if (code.type === "hash") return `Object.entries<any>(${code.text}).flat()`;
  if (kind === "variable" && expression.sigil === "$") return `[${plain(code)}]`;
  if (isListValue(code))
    return isOwn && (kind === "variable" || kind === "dereference") ? `[...${code.text}]` : wrapped(code);
  if (kind === "call" && code.type === "any") return `[${code.text} ?? []].flat()`;
  return `[${plain(code)}]`;
};

/** What a match captures. */
const matchListOf = (t: Translation, expression: Of<"bind"> | Of<"match">): string => {
  const [target, operation] =
    expression.kind === "bind"
      ? [expression.target, expression.operation]
      : [{ kind: "variable", sigil: "$", name: "_" } as const, expression];
  if (operation.kind !== "match" || (expression.kind === "bind" && expression.isNegated))
    throw new Untranslatable("a list of this operation");
  const { code, groups, isGlobal } = translatePattern(t, operation.pattern);
  const text = textCode(t, target).text;
  if (!isGlobal)
    return groups === 0 ? `[${code.text}.test(${text})]` : `(${code.text}.exec(${text}) ?? []).slice(1)`;
  const found = groups === 0 ? "found[0]" : groups === 1 ? "found[1]" : "found.slice(1)";
  const method = groups !== undefined && groups > 1 ? "flatMap" : "map";
  return `[...${text}.matchAll(${code.text})].${method}((found) => ${found})`;
};
