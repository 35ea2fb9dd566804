import type { Expression } from "../perl/syntax.ts";
import { type Code, isAmbient, plain, Untranslatable, type ValueType } from "./code.ts";
import { hashOf } from "./hashes.ts";
import { learn, onlyType } from "./program.ts";
import { listText, textCode, valueCode } from "./rules.ts";
import type { Translation } from "./translation.ts";

/** The names and values that are returned, if they are written in place. */
const pairsOf = (expression: Expression): readonly Expression[] | undefined => {
  if (expression.kind === "hash") return expression.items;
  if (expression.kind !== "list") return undefined;
  const [only, ...more] = expression.items;
  if (only?.kind === "hash" && more.length === 0) return only.items;
  return expression.isPairs ? expression.items : undefined;
};

/** The value of a name. */
const fieldOf = (pairs: readonly Expression[], name: string): Expression | undefined => {
  const at = pairs.findIndex((one, i) => i % 2 === 0 && one.kind === "string" && one.text === name);
  return at < 0 ? undefined : pairs[at + 1];
};

const single = (expression: Expression): Expression => {
  const only = expression.kind === "list" && expression.items.length === 1 ? expression.items[0] : undefined;
  return only ?? expression;
};

const metadata = (t: Translation, pairs: readonly Expression[]): string => {
  const fields = ["tags", "title", "summary"].flatMap((name) => {
    const value = fieldOf(pairs, name);
    if (!value) return [];
    const isListOrAny = (type: ValueType): boolean => type === "any" || (name === "tags" && type === "list");
    const code = valueCode(t, value);
    const text = isListOrAny(code.type) ? plain(code) : textCode(t, value).text;
    return [text === name ? name : `${name}: ${text}`];
  });
  if (fields.length === 0 && pairs.length > 0) return hashOf(t, pairs);
  return fields.length === 0 ? "{}" : `{ ${fields.join(", ")} }`;
};

/** What the server gets of a function that it calls. */
const entryResult = (t: Translation, expression: Expression): string => {
  const { type } = t.program.manifest;
  const pairs = pairsOf(expression);
  if (type === "login") {
    const code = valueCode(t, single(expression));
    if (code.type === "session") return `{ cookies: ${code.text} }`;
    if (code.type === "any") return `{ cookies: ${code.text} }`;
    throw new Untranslatable("a session that is not made of cookies");
  }
  if (!pairs) {
    const code = valueCode(t, single(expression));
    if (code.type === "hash" || code.type === "any") return plain(code);
    throw new Untranslatable(`a ${code.type} as the result`);
  }
  if (type === "metadata") return metadata(t, pairs);
  if (type === "script") return hashOf(t, pairs);
  const address = fieldOf(pairs, "download_url");
  if (!address) throw new Untranslatable("a download without an address");
  return `{ downloadUrl: ${textCode(t, address).text} }`;
};

const entryReturn = (t: Translation, expression: Expression | undefined): string[] => {
  const isEmpty = !expression || (expression.kind === "list" && expression.items.length === 0);
  if (isEmpty) {
    if (t.program.manifest.type !== "download") return ["return {};"];
    return ['throw new Error("There is no download.");'];
  }
  const error = fieldOf(pairsOf(expression) ?? [], "error");
  if (error) return [`throw new Error(${textCode(t, error).text});`];
  return [`return ${entryResult(t, expression)};`];
};

const returned = (t: Translation, { text, type }: Code): string[] => {
  learn(t.program, t.known.returned, type);
  return [isAmbient(type) ? "return;" : `return ${text};`];
};

/** `return …`. @throws Untranslatable */
export const returnOf = (t: Translation, expression: Expression | undefined): string[] => {
  if (t.callbacks > 0) throw new Untranslatable("a return in a function of its own");
  if (t.isEntry) return entryReturn(t, expression);
  const isEmpty = !expression || (expression.kind === "list" && expression.items.length === 0);
  if (isEmpty) return [onlyType(t.known.returned) === "list" ? "return [];" : "return undefined;"];
  const pairs = pairsOf(expression);
  if (pairs && (expression.kind === "hash" || pairs.length % 2 === 0))
    return returned(t, { text: hashOf(t, pairs), type: "hash", isAtom: true });
  if (expression.kind === "list" && expression.items.length > 1)
    return returned(t, { text: listText(t, expression), type: "list", isAtom: true });
  const value = single(expression);
  const isList = (value.kind === "variable" || value.kind === "dereference") && value.sigil === "@";
  if (isList) return returned(t, { text: listText(t, value), type: "list", isAtom: true });
  const code = valueCode(t, value);
  return returned(
    t,
    code.type === "pairs" ? { ...code, text: `Object.fromEntries(${code.text})`, type: "hash" } : code,
  );
};
