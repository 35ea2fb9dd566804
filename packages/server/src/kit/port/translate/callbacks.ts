import type { Expression, Statement } from "../perl/syntax.ts";
import { type Code, Untranslatable, type ValueType } from "./code.ts";
import { conditionCode, listText, textCode, valueCode } from "./rules.ts";
import type { Translation } from "./translation.ts";

/** The only expression of a block. @throws Untranslatable for a block with more */
export const expressionOf = (block: readonly Statement[]): Expression => {
  const [only, ...more] = block;
  if (only?.kind === "expression" && more.length === 0 && !only.modifier) return only.expression;
  // `map { { a => $_ } } …`: a block that is a hash.
  if (only?.kind === "block" && more.length === 0) {
    const inner = expressionOf(only.body);
    return { kind: "hash", items: inner.kind === "list" ? inner.items : [inner] };
  }
  throw new Untranslatable("a block of several statements");
};

/** How the result of a callback is read. */
export type Read = "value" | "condition" | "text" | "list";

const read = (t: Translation, expression: Expression, as: Read): Code => {
  if (as === "condition") return conditionCode(t, expression);
  if (as === "text") return textCode(t, expression);
  if (as === "list") return { text: listText(t, expression), type: "list", isAtom: true };
  return valueCode(t, expression);
};

/**
 * A function of one item, which is `$_` in Perl.
 * @param item the type of the item
 */
export const itemFunction = (
  t: Translation,
  expression: Expression,
  as: Read,
  item: ValueType = "any",
): { text: string; body: Code; isAsync: boolean } => {
  const { value, isAsync } = t.callback(() => {
    const { name } = t.scope.declare("$", "_", item);
    const body = read(t, expression, as);
    const text = body.text.startsWith("{") ? `(${body.text})` : body.text;
    const annotation = item === "any" ? ": any" : "";
    return { text: `(${name}${annotation}) => ${text}`, body };
  });
  return { ...value, isAsync };
};
