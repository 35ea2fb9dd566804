import type { Clause, Expression, Range, Statement } from "../perl/syntax.ts";
import { declaredIn } from "./assigned-variables.ts";
import { negated, Untranslatable } from "./code.ts";
import { declareEmpty } from "./declarations.ts";
import { expressionStatement } from "./expression-statements.ts";
import { indented } from "./lines.ts";
import { foreachHead, forHead, whileHead } from "./loops.ts";
import { conditionCode } from "./rules.ts";
import type { Translation } from "./translation.ts";

/** The line of a place in the source, from 1. */
const lineAt = (source: string, at: number): number => source.slice(0, at).split("\n").length;

/** The comments directly before a statement. */
const commentsBefore = (source: string, start: number): string[] => {
  const lines = source.slice(0, start).split("\n").slice(0, -1);
  const last = lines.findLastIndex((line) => !/^\s*(?:#.*)?$/.test(line));
  return lines
    .slice(last + 1)
    .map((line) => line.trim())
    .filter((line) => /^#+\s*\S/.test(line))
    .map((line) => `//${line.replace(/^#+/, "").replace(/^(?=\S)/, " ")}`);
};

/** The original as comments. */
const original = ({ program: { source } }: Translation, { start, end }: Range): string[] =>
  source
    .slice(start, end)
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .map((line) => `// Perl: ${line}`);

const note = (t: Translation, range: Range, reason: string): number => {
  const { source, report } = t.program;
  const line = lineAt(source, range.start);
  const perl = source.slice(range.start, range.end).replaceAll(/\s+/g, " ").slice(0, 200);
  report.left.push({ line, perl, reason });
  return line;
};

/** Translates a part that counts as one statement. */
const counted = <T>(t: Translation, range: Range, translate: () => T, otherwise: (line: number) => T): T => {
  t.program.report.statements++;
  try {
    const value = translate();
    t.program.report.translated++;
    return value;
  } catch (error) {
    if (!(error instanceof Untranslatable)) throw error;
    return otherwise(note(t, range, error.message));
  }
};

/** The variables of a statement that is left are declared, because later statements use them. */
const declared = (t: Translation, expression: Expression): string[] =>
  declaredIn(expression).flatMap((variable) => {
    t.leftVariables.add(variable.sigil + variable.name);
    return declareEmpty(t, [variable]);
  });

const left = (t: Translation, statement: Range, line: number, expression?: Expression): string[] => [
  ...original(t, statement),
  `${t.helper("notTranslated")}(${line});`,
  ...(expression ? declared(t, expression) : []),
];

/** A condition, and the comment that goes into its block if it is left. */
const headOf = (
  t: Translation,
  range: Range,
  translate: () => string,
): { text: string; comments: string[] } =>
  counted<{ text: string; comments: string[] }>(
    t,
    range,
    () => ({ text: translate(), comments: [] }),
    (line) => ({ text: `${t.helper("notTranslated")}(${line})`, comments: original(t, range) }),
  );

const conditionText = (
  t: Translation,
  { condition, isNegated }: Pick<Clause, "condition" | "isNegated">,
): string => {
  const code = conditionCode(t, condition);
  // The brackets of an assignment in a condition are there once.
  const bare = /^\((match = .*)\)$/s.exec(code.text)?.[1];
  return isNegated ? negated(code).text : (bare ?? code.text);
};

const ifStatement = (
  t: Translation,
  { clauses, otherwise }: Extract<Statement, { kind: "if" }>,
): string[] => {
  const lines: string[] = [];
  clauses.forEach((clause, i) => {
    const { text, comments } = headOf(t, clause.head, () => conditionText(t, clause));
    lines.push(
      `${i === 0 ? "" : "} else "}if (${text}) {`,
      ...indented([...comments, ...blockOf(t, clause.body)]),
    );
  });
  if (otherwise) lines.push("} else {", ...indented(blockOf(t, otherwise)));
  return [...lines, "}"];
};

/** @param variables what declares the variables of the loop */
const loop = (
  t: Translation,
  { head: range, body }: { head: Range; body: readonly Statement[] },
  variables: Expression,
  head: () => { text: string; first?: string[] },
): string[] =>
  t.within(() => {
    let first: string[] = [];
    const { text, comments } = headOf(t, range, () => {
      const made = head();
      first = made.first ?? [];
      return made.text;
    });
    const isLeft = comments.length > 0;
    if (isLeft) first = declared(t, variables);
    return [
      isLeft ? `while (${text}) {` : `${text} {`,
      ...indented([...comments, ...first, ...blockOf(t, body)]),
      "}",
    ];
  });

const tryStatement = (
  t: Translation,
  { body, variable, handler }: Extract<Statement, { kind: "try" }>,
): string[] => {
  const lines = ["try {", ...indented(blockOf(t, body)), "} catch (error) {"];
  t.within(() => {
    const { name } = t.scope.declare("$", variable, "text");
    lines.push(
      ...indented([
        `const ${name} = error instanceof Error ? error.message : String(error);`,
        ...blockOf(t, handler),
      ]),
    );
  });
  return [...lines, "}"];
};

/** The statements of a block, in a scope of their own. */
export const blockOf = (t: Translation, statements: readonly Statement[]): string[] =>
  t.within(() => statementsOf(t, statements));

const evalStatement = (t: Translation, body: readonly Statement[]): string[] => {
  t.usesFailure = true;
  return [
    'failure = "";',
    "try {",
    ...indented(blockOf(t, body)),
    "} catch (error) {",
    "  failure = error instanceof Error ? error.message : String(error);",
    "}",
  ];
};

const hasReturn = (body: readonly Statement[]): boolean => /"name":"return"/.test(JSON.stringify(body));

const statementOf = (t: Translation, statement: Statement): string[] => {
  switch (statement.kind) {
    case "expression": {
      const { expression, modifier } = statement;
      const isEval = expression.kind === "block" && expression.word === "eval" && !modifier;
      if (isEval && !hasReturn(expression.body)) return evalStatement(t, expression.body);
      return counted(
        t,
        statement,
        () => expressionStatement(t, statement),
        (line) => left(t, statement, line, expression),
      );
    }
    case "if":
      return ifStatement(t, statement);
    case "while":
      return loop(t, statement.clause, statement.clause.condition, () => whileHead(t, statement.clause));
    case "foreach": {
      const variable = { kind: "variable", sigil: "$", name: statement.variable } as const;
      const variables: Expression = { kind: "declaration", word: "my", variables: [variable], isList: false };
      return loop(t, statement, variables, () => foreachHead(t, statement));
    }
    case "for":
      return loop(t, statement, statement.first ?? { kind: "list", items: [] }, () => forHead(t, statement));
    case "block":
      return ["{", ...indented(blockOf(t, statement.body)), "}"];
    case "try":
      return tryStatement(t, statement);
    case "use":
      return [];
    default:
      return counted<string[]>(
        t,
        statement,
        () => {
          throw new Untranslatable("the statement is not read");
        },
        (line) => left(t, statement, line),
      );
  }
};

/** Translates statements. What has no translation is kept as comments. */
export const statementsOf = (t: Translation, statements: readonly Statement[]): string[] =>
  statements.flatMap((statement) => {
    const lines = statementOf(t, statement);
    return lines.length === 0 ? [] : [...commentsBefore(t.program.source, statement.start), ...lines];
  });
