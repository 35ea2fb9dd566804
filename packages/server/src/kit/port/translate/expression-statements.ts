import type { Expression, Statement } from "../perl/syntax.ts";
import { assignmentOf, replaceText, stepOf } from "./assignments.ts";
import { asText, type Code, isAmbient, negated, plain, Untranslatable, wrapped } from "./code.ts";
import { declareEmpty } from "./declarations.ts";
import { indented } from "./lines.ts";
import { foreachHead } from "./loops.ts";
import { replaced, transliterated } from "./matches.ts";
import { returnOf } from "./returns.ts";
import { conditionCode, numberCode, textCode, valueCode } from "./rules.ts";
import type { Translation } from "./translation.ts";

type Call = Extract<Expression, { kind: "call" }>;
type ExpressionStatement = Extract<Statement, { kind: "expression" }>;

/** Functions that do nothing that TypeScript needs. */
const NEEDLESS = new Set(["close", "unlink", "unlink_path", "binmode", "local", "1"]);

/** What ends a statement early: it stands right of `or`. */
const isControl = (expression: Expression): boolean =>
  expression.kind === "call" && /^(?:return|die|next|last|croak|confess)$/.test(expression.name);

/** `open(my $file, '<', $path)`: the file is read as a whole. */
const openFile = (t: Translation, { args }: Call): string[] => {
  const [target, mode, file] = args;
  const variable = target?.kind === "declaration" ? target.variables[0] : undefined;
  if (!variable || mode?.kind !== "string" || !file)
    throw new Untranslatable("a file that is opened in this way");
  if (!/^\s*</.test(mode.text)) throw new Untranslatable("a file that is written");
  const from = valueCode(t, file);
  if (from.type !== "entry") {
    if (from.type !== "text") throw new Untranslatable("another file than one of the archive");
    t.program.usesFiles = true;
  }
  const place =
    from.type === "entry"
      ? `archive.text(${asText({ ...from, type: from.text.startsWith("(") ? "text" : "entry" }).text})`
      : `files.text(${from.text})`;
  const text = t.awaited(`${t.context}.${place}`, "handle");
  const { name } = t.scope.declare("$", variable.name, "handle");
  return [`const ${name} = ${text.text};`];
};

const dieOf = (t: Translation, { args }: Call): string[] => {
  const [message] = args;
  const text = message
    ? textCode(t, args.length === 1 ? message : joined(args)).text
    : '"The plugin failed."';
  return [`throw new Error(${text.replace(/\\n(["`])$/, "$1")});`];
};

const joined = (args: readonly Expression[]): Expression => {
  const [first, ...more] = args;
  if (!first) throw new Untranslatable("a message without words");
  return more.reduce((left, right) => ({ kind: "binary", operator: ".", left, right }), first);
};

const callStatement = (t: Translation, call: Call): string[] | undefined => {
  const { name, args } = call;
  switch (name) {
    case "return":
      return returnOf(t, args[0]);
    case "die":
    case "croak":
    case "confess":
      return dieOf(t, call);
    case "next":
    case "last":
      if (args.length > 0) throw new Untranslatable(`${name} with a label`);
      if (t.callbacks > 0) throw new Untranslatable(`${name} in a function`);
      return [name === "next" ? "continue;" : "break;"];
    case "open":
    case "open_path":
    case "open_path_or_die":
      return openFile(t, call);
    case "chomp":
      return replaceText(t, args[0] ?? { kind: "variable", sigil: "$", name: "_" }, (text) => ({
        ...text,
        text: `${wrapped(text)}.replace(/\\n$/, "")`,
      }));
    case "shift":
      if (args.length > 0) return undefined;
      t.shifted++;
      return [];
    case "sleep":
      return [
        `${t.awaited(`new Promise((done) => setTimeout(done, ${args[0] ? wrapped(numberCode(t, args[0])) : "0"} * 1000))`, "any").text};`,
      ];
    default:
      return NEEDLESS.has(name) ? [] : undefined;
  }
};

const bindStatement = (
  t: Translation,
  { target, operation }: Extract<Expression, { kind: "bind" }>,
): string[] | undefined => {
  if (operation.kind === "substitution" && !operation.pattern.flags.includes("r"))
    return replaceText(t, target, (text) => replaced(t, text, operation));
  if (operation.kind === "transliteration")
    return replaceText(t, target, (text) => transliterated(text, operation));
  return undefined;
};

/** `… or die …`, `… and return …` */
const controlled = (
  t: Translation,
  { operator, left, right }: Extract<Expression, { kind: "binary" }>,
): string[] => {
  const isOr = operator === "or" || operator === "||";
  // What is opened throws by itself.
  if (isOr && left.kind === "call" && left.name.startsWith("open")) return expressionLines(t, left);
  const isDeclaration = left.kind === "assignment" && left.left.kind === "declaration";
  const before = isDeclaration ? expressionLines(t, left) : [];
  const tested = isDeclaration && left.left.kind === "declaration" ? left.left.variables[0] : left;
  if (!tested) throw new Untranslatable("a condition that is not known");
  const condition = conditionCode(t, tested);
  const text = isOr ? negated(condition).text : condition.text;
  return [...before, `if (${text}) {`, ...indented(expressionLines(t, right)), "}"];
};

/** `my $x = … || return;` */
const assignedOr = (
  t: Translation,
  assignment: Extract<Expression, { kind: "assignment" }>,
): string[] | undefined => {
  const { left, right } = assignment;
  const isControlled =
    right.kind === "binary" && (right.operator === "||" || right.operator === "//") && isControl(right.right);
  if (!isControlled || left.kind !== "declaration" || !left.variables[0]) return undefined;
  const lines = assignmentOf(t, { ...assignment, right: right.left });
  const value: Code = valueCode(t, left.variables[0]);
  const test = right.operator === "//" ? `${value.text} == null` : `!${value.text}`;
  return [...lines, `if (${test}) {`, ...indented(expressionLines(t, right.right)), "}"];
};

/** An expression as statements. @throws Untranslatable */
export const expressionLines = (t: Translation, expression: Expression): string[] => {
  switch (expression.kind) {
    case "assignment":
      return assignedOr(t, expression) ?? assignmentOf(t, expression);
    case "declaration":
      if (expression.word === "local") return [];
      return declareEmpty(t, expression.variables);
    case "step":
      return stepOf(t, expression);
    case "binary":
      if (/^(?:or|and|\|\||&&)$/.test(expression.operator)) return controlled(t, expression);
      break;
    case "bind": {
      const lines = bindStatement(t, expression);
      if (lines) return lines;
      break;
    }
    case "substitution":
      return replaceText(t, { kind: "variable", sigil: "$", name: "_" }, (text) =>
        replaced(t, text, expression),
      );
    case "call": {
      const lines = callStatement(t, expression);
      if (lines) return lines;
      break;
    }
    case "number":
      return [];
    default:
  }
  const code = valueCode(t, expression);
  return isAmbient(code.type) ? [] : [`${plain(code)};`];
};

/** A statement with its modifier: `… if …`, `… for …`. @throws Untranslatable */
export const expressionStatement = (
  t: Translation,
  { expression, modifier }: ExpressionStatement,
): string[] => {
  if (!modifier) return expressionLines(t, expression);
  const { word, condition } = modifier;
  if (word === "for" || word === "foreach")
    return t.within(() => {
      const head = foreachHead(t, {
        kind: "foreach",
        variable: "_",
        list: condition,
        body: [],
        head: { start: 0, end: 0 },
        start: 0,
        end: 0,
      });
      return [`${head.text} {`, ...indented(expressionLines(t, expression)), "}"];
    });
  if (
    expression.kind === "declaration" ||
    (expression.kind === "assignment" && expression.left.kind === "declaration")
  )
    throw new Untranslatable("a declaration with a condition");
  const test = conditionCode(t, condition);
  const isNegated = word === "unless" || word === "until";
  const text = isNegated ? negated(test).text : (/^\((match = .*)\)$/s.exec(test.text)?.[1] ?? test.text);
  return [
    `${word === "while" || word === "until" ? "while" : "if"} (${text}) {`,
    ...indented(expressionLines(t, expression)),
    "}",
  ];
};
