import type { TokenReader } from "./reader.ts";
import type { Expression, Sigil, Statement } from "./syntax.ts";

type Variable = Expression & { kind: "variable" };

/** Reads what follows `my`, `our` or `local`. @throws PerlSyntaxError */
export const readDeclaration = (reader: TokenReader, word: string): Expression => {
  const variables: (Variable | undefined)[] = [];
  const isList = reader.take("(");
  do {
    if (isList && reader.isOperator(")")) break;
    const { kind, text: name } = reader.next();
    if (kind === "variable" && name.length > 1)
      variables.push({ kind: "variable", sigil: name.charAt(0) as Sigil, name: name.slice(1) });
    else if (kind === "word" && name === "undef") variables.push(undefined);
    else throw reader.failure(`${word} without a variable`);
  } while (isList && reader.take(","));
  if (isList) reader.expect(")");
  return { kind: "declaration", word, variables, isList };
};

/**
 * Reads the signature of a function, if it has one.
 * @returns the statement that reads the arguments
 * @throws PerlSyntaxError for defaults
 */
export const readSignature = (reader: TokenReader): Statement[] => {
  const { start } = reader.peek();
  if (!reader.take("(")) return [];
  const variables: (Variable | undefined)[] = [];
  while (!reader.take(")")) {
    const { kind, text: name } = reader.next();
    if (kind !== "variable") throw reader.failure("the signature is not read");
    const sigil = name.charAt(0) as Sigil;
    variables.push(name.length > 1 ? { kind: "variable", sigil, name: name.slice(1) } : undefined);
    if (!reader.isOperator(",", ")")) throw reader.failure("the signature is not read");
    reader.take(",");
  }
  const left: Expression = { kind: "declaration", word: "my", variables, isList: true };
  const right: Expression = { kind: "variable", sigil: "@", name: "_" };
  const expression: Expression = { kind: "assignment", operator: "=", left, right };
  return [{ kind: "expression", expression, start, end: start }];
};
