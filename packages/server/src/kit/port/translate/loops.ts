import type { Clause, Expression, Statement } from "../perl/syntax.ts";
import { type Code, negated, Untranslatable, type ValueType, wrapped } from "./code.ts";
import { translatePattern } from "./patterns.ts";
import {
  conditionCode,
  expressionLines,
  itemsOf,
  listText,
  numberCode,
  textCode,
  valueCode,
} from "./rules.ts";
import type { Translation } from "./translation.ts";

interface Head {
  text: string;
  /** Statements at the beginning of the block. */
  first?: string[];
}

/** What is looped over, and the type of its items. */
const itemsAndType = (t: Translation, list: Expression): { text: string; item: ValueType } => {
  const only = list.kind === "list" && list.items.length === 1 ? list.items[0] : undefined;
  const of = only ?? list;
  if (of.kind === "method" || (of.kind === "variable" && of.sigil === "@")) {
    const code: Code = valueCode(t, of);
    if (code.type === "elements") return { text: code.text, item: "element" };
    if (code.type === "list") return { text: code.text, item: "any" };
  }
  return { text: of.kind === "list" ? itemsOf(t, of.items) : listText(t, of), item: "any" };
};

export const foreachHead = (
  t: Translation,
  { variable, list }: Extract<Statement, { kind: "foreach" }>,
): Head => {
  const range = list.kind === "list" && list.items.length === 1 ? list.items[0] : list;
  const isChanged = t.isReassigned("$", variable);
  if (range?.kind === "binary" && range.operator === "..") {
    const [from, to] = [numberCode(t, range.left), numberCode(t, range.right)];
    const { name } = t.scope.declare("$", variable, "number");
    return { text: `for (let ${name} = ${from.text}; ${name} <= ${wrapped(to)}; ${name}++)` };
  }
  // A change of the variable would change the list.
  if (isChanged && range?.kind === "variable" && range.sigil === "@")
    throw new Untranslatable("a loop that changes its list");
  const { text, item } = itemsAndType(t, list);
  const { name } = t.scope.declare("$", variable, isChanged ? "any" : item);
  return { text: `for (${isChanged ? "let" : "const"} ${name} of ${text})` };
};

export const forHead = (
  t: Translation,
  { first, condition, step }: Extract<Statement, { kind: "for" }>,
): Head => {
  const lines = first ? expressionLines(t, first) : [];
  const steps = step ? expressionLines(t, step) : [];
  if (lines.length > 1 || steps.length > 1) throw new Untranslatable("a loop with several counters");
  const test = condition ? conditionCode(t, condition).text : "";
  return { text: `for (${lines[0] ?? ";"} ${test}; ${(steps[0] ?? "").replace(/;$/, "")})` };
};

type Assignment = Extract<Expression, { kind: "assignment" }>;

/** `while (my $line = <$file>)` */
const linesHead = (t: Translation, { left, right }: Assignment): Head | undefined => {
  if (right.kind !== "readline") return undefined;
  const file = valueCode(t, right);
  const variable = left.kind === "declaration" ? left.variables[0] : undefined;
  if (!variable) throw new Untranslatable("lines that are read into this");
  const { name } = t.scope.declare("$", variable.name, "text");
  const word = t.isReassigned("$", variable.name) ? "let" : "const";
  return { text: `for (${word} ${name} of ${file.text}.split(/(?<=\\n)/))` };
};

/** `while (my ($name, $value) = each %hash)` */
const eachHead = (t: Translation, { left, right }: Assignment): Head | undefined => {
  if (right.kind !== "call" || right.name !== "each" || !right.args[0] || left.kind !== "declaration")
    return undefined;
  const hash = valueCode(t, right.args[0]);
  if (hash.type !== "hash") throw new Untranslatable("each of something else than a hash");
  const names = left.variables.map((one) => (one ? t.scope.declare("$", one.name, "any").name : ""));
  return { text: `for (const [${names.join(", ")}] of Object.entries<any>(${hash.text}))` };
};

/** `while ($text =~ /…/g)` */
const matchesHead = (t: Translation, condition: Expression): Head | undefined => {
  if (condition.kind !== "bind" || condition.operation.kind !== "match" || condition.isNegated)
    return undefined;
  const { code, isGlobal } = translatePattern(t, condition.operation.pattern);
  if (!isGlobal) return undefined;
  t.usesMatch = true;
  return {
    text: `for (const found of ${wrapped(textCode(t, condition.target))}.matchAll(${code.text}))`,
    first: ["match = found;"],
  };
};

export const whileHead = (t: Translation, { condition, isNegated }: Clause): Head => {
  const special =
    condition.kind === "assignment"
      ? (linesHead(t, condition) ?? eachHead(t, condition))
      : matchesHead(t, condition);
  if (special) return special;
  if (condition.kind === "readline") throw new Untranslatable("lines that are read into $_");
  const code = conditionCode(t, condition);
  return { text: `while (${isNegated ? negated(code).text : code.text})` };
};
