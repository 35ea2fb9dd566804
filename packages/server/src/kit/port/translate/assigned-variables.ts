import type { Expression, Statement } from "../perl/syntax.ts";

/** Every expression in a value, from the outside in. */
function* expressionsIn(value: unknown): Generator<Expression> {
  if (Array.isArray(value)) for (const one of value) yield* expressionsIn(one);
  else if (typeof value === "object" && value !== null) {
    if ("kind" in value) yield value as Expression;
    for (const one of Object.values(value)) yield* expressionsIn(one);
  }
}

const changed = (target: Expression): Expression[] => (target.kind === "list" ? target.items : [target]);

const CHANGING = new Set(["chomp", "chop"]);

/** What an expression changes, and how. */
const changesOf = (expression: Expression): { targets: Expression[]; operator: string } | undefined => {
  switch (expression.kind) {
    case "assignment":
      return { targets: changed(expression.left), operator: expression.operator };
    case "step":
      return { targets: [expression.of], operator: expression.operator };
    case "bind":
      return ["substitution", "transliteration"].includes(expression.operation.kind)
        ? { targets: [expression.target], operator: "s///" }
        : undefined;
    case "substitution":
      return { targets: [{ kind: "variable", sigil: "$", name: "_" }], operator: "s///" };
    case "call":
      return CHANGING.has(expression.name) ? { targets: expression.args, operator: "chomp" } : undefined;
    default:
      return undefined;
  }
};

/** The operators of all changes to each variable after its declaration, by sigil and name. */
export const assignedVariables = (body: readonly Statement[]): Map<string, string[]> => {
  const found = new Map<string, string[]>();
  const bound = new Set<Expression>();
  for (const expression of expressionsIn(body)) {
    if (expression.kind === "bind") bound.add(expression.operation);
    const changes = bound.has(expression) ? undefined : changesOf(expression);
    for (const target of changes?.targets ?? []) {
      if (target.kind !== "variable") continue;
      const key = target.sigil + target.name;
      found.set(key, [...(found.get(key) ?? []), changes?.operator ?? "="]);
    }
  }
  return found;
};

/** The variables that an expression declares. */
export const declaredIn = (expression: Expression): (Expression & { kind: "variable" })[] =>
  [...expressionsIn(expression)].flatMap((one) =>
    one.kind === "declaration" && (one.word === "my" || one.word === "our")
      ? one.variables.filter((variable) => variable !== undefined)
      : [],
  );

/** How often a variable is read or written by its name, also in texts. */
export const mentions = (source: string, name: string): number =>
  source.match(new RegExp(`[$@%]\\{?${name}\\b`, "g"))?.length ?? 0;
