import type { Expression } from "../perl/syntax.ts";
import type { Code } from "./code.ts";
import { numberCode, valueCode } from "./rules.ts";
import type { Translation } from "./translation.ts";

/** A value where Perl wants one: of a list, its length. */
export const scalarOf = (t: Translation, expression: Expression): Code => {
  const isList =
    ((expression.kind === "variable" || expression.kind === "dereference") && expression.sigil === "@") ||
    (expression.kind === "call" && /^(?:grep|map|keys|split)$/.test(expression.name));
  return isList ? numberCode(t, expression) : valueCode(t, expression);
};
