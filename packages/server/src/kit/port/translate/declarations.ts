import type { Expression } from "../perl/syntax.ts";
import { mentions } from "./assigned-variables.ts";
import { type Code, isAmbient, plain, Untranslatable, type ValueType } from "./code.ts";
import { assignedHash } from "./hashes.ts";
import { translatePattern } from "./patterns.ts";
import { listText, textCode, valueCode } from "./rules.ts";
import { scalarOf } from "./scalar.ts";
import type { Translation } from "./translation.ts";

type Variable = Extract<Expression, { kind: "variable" }>;

const isArguments = (expression: Expression): boolean =>
  expression.kind === "variable" && expression.sigil === "@" && expression.name === "_";

const word = (t: Translation, { sigil, name }: Variable): string =>
  t.isReassigned(sigil, name) ? "let" : "const";

/** A value whose type the compiler knows to be `any`. */
const isPlainlyAny = (t: Translation, right: Expression): boolean =>
  right.kind === "element" ||
  (right.kind === "call" && (t.program.subs.has(right.name) || /^(?:decode|from)_json$/.test(right.name)));

const annotation = (t: Translation, type: ValueType, isLet: boolean, right: Expression): string => {
  if (type === "any") return !isLet && isPlainlyAny(t, right) ? "" : ": any";
  if (type === "hash") return ": Record<string, any>";
  if (type === "list") return ": any[]";
  if (!isLet || type === "text" || type === "number") return "";
  return ": any";
};

/** Binds a variable to what has no value of its own. */
const bindAmbient = (t: Translation, { sigil, name }: Variable, { text, type }: Code): string[] => {
  t.scope.bind(sigil, name, { name: text, type });
  return [];
};

/** `my $x = …`, also of a list or a hash. */
export const declareOne = (t: Translation, variable: Variable, right: Expression): string[] => {
  const { sigil, name } = variable;
  if (isArguments(right)) return declareLists(t, [variable], right);
  if (sigil === "@") {
    const isElements = right.kind === "method" && valueCode(t, right).type === "elements";
    const list = isElements ? valueCode(t, right).text : listText(t, right, true);
    const { name: own } = t.scope.declare(sigil, name, isElements ? "elements" : "list");
    return [`${word(t, variable)} ${own}${isElements ? "" : ": any[]"} = ${list};`];
  }
  if (sigil === "%") {
    const hash = assignedHash(t, right);
    return [
      `${word(t, variable)} ${t.scope.declare(sigil, name, "hash").name}: Record<string, any> = ${hash};`,
    ];
  }
  const value = scalarOf(t, right);
  const type = t.lastingType(sigil, name, value.type);
  if (isAmbient(value.type) && (type === value.type || type === "any"))
    return bindAmbient(t, variable, value);
  if (isParameter(t, value)) {
    t.scope.bind(sigil, name, { name: value.text, type: t.isReassigned(sigil, name) ? "any" : value.type });
    return [];
  }
  const isLet = t.isReassigned(sigil, name);
  const own = t.scope.declare(sigil, name, type);
  return [`${isLet ? "let" : "const"} ${own.name}${annotation(t, type, isLet, right)} = ${plain(value)};`];
};

/** A parameter of the function keeps its name. */
const isParameter = (t: Translation, { text }: Code): boolean =>
  /^\w+$/.test(text) && [...t.parameters.values()].some((one) => one.text === text);

const fromArguments = (t: Translation, variables: readonly (Variable | undefined)[]): string[] =>
  variables.flatMap((variable, i) => {
    if (!variable) return [];
    const { sigil, name } = variable;
    if (sigil !== "$") return restOfArguments(t, variable);
    const value = t.parameter(t.shifted + i);
    if (!value) throw new Untranslatable("an argument that is not known");
    if (isAmbient(value.type)) return bindAmbient(t, variable, value);
    if (isParameter(t, value)) {
      t.scope.bind(sigil, name, { name: value.text, type: t.isReassigned(sigil, name) ? "any" : value.type });
      return [];
    }
    const type = t.lastingType(sigil, name, value.type);
    const isLet = t.isReassigned(sigil, name);
    const own = t.scope.declare(sigil, name, type);
    return [
      `${isLet ? "let" : "const"} ${own.name}${isLet && type === "any" ? ": any" : ""} = ${value.text};`,
    ];
  });

const restOfArguments = (t: Translation, { sigil, name }: Variable): string[] => {
  if (sigil === "%" && t.isEntry && t.program.manifest.type === "download") {
    t.scope.bind(sigil, name, { name: "", type: "settings" });
    return [];
  }
  if (sigil === "@" && t.known.rest === name) {
    t.scope.bind(sigil, name, { name: "rest", type: "list" });
    return [];
  }
  throw new Untranslatable("the arguments as a list");
};

/** `my ($name, $path, $ending) = fileparse($file, qr/…/)`: of the archive there is only its name. */
const fromFileparse = (
  t: Translation,
  variables: readonly (Variable | undefined)[],
  args: readonly Expression[],
): string[] => {
  const [file, pattern] = args;
  if (!file || valueCode(t, file).type !== "archive") throw new Untranslatable("fileparse of another file");
  const whole = `${t.context}.archive.filename`;
  const ending =
    pattern?.kind === "regex"
      ? translatePattern(t, { ...pattern.pattern, text: `(?:${pattern.pattern.text})$` }).code.text
      : undefined;
  const values = [
    ending === undefined ? whole : `${whole}.replace(${ending}, "")`,
    undefined,
    ending === undefined ? '""' : `${ending}.exec(${whole})?.[0] ?? ""`,
  ];
  return variables.flatMap((variable, i) => {
    if (!variable) return [];
    const isUsed = mentions(t.source, variable.name) > 1;
    const value = values[i];
    if (value === undefined) {
      t.scope.bind("$", variable.name, { name: "", type: "folder" });
      return [];
    }
    if (!isUsed) return [];
    const type = t.lastingType("$", variable.name, "text");
    const { name } = t.scope.declare("$", variable.name, type);
    return [`${word(t, variable)} ${name}${type === "any" ? ": any" : ""} = ${value};`];
  });
};

const captured = (t: Translation, right: Expression): string | undefined => {
  if (right.kind !== "bind" || right.isNegated || right.operation.kind !== "match") return undefined;
  const { code, isGlobal } = translatePattern(t, right.operation.pattern);
  return isGlobal ? undefined : `${code.text}.exec(${textCode(t, right.target).text}) ?? []`;
};

const isOneValue = ({ kind, ...rest }: Expression): boolean => {
  const { sigil } = rest as { sigil?: string };
  return (
    ["string", "number", "element", "array", "hash", "choice", "method"].includes(kind) ||
    (kind === "variable" && sigil === "$")
  );
};

/** `my ($a, $b) = …` */
export const declareLists = (
  t: Translation,
  variables: readonly (Variable | undefined)[],
  right: Expression,
): string[] => {
  if (isArguments(right)) return fromArguments(t, variables);
  if (right.kind === "call" && right.name === "fileparse") return fromFileparse(t, variables, right.args);
  if (
    right.kind === "call" &&
    right.name === "shift" &&
    right.args.length === 0 &&
    variables.length === 1 &&
    variables[0]
  )
    return declareOne(t, variables[0], right);
  const isOneByOne =
    right.kind === "list" &&
    right.items.length >= variables.length &&
    right.items.every(isOneValue) &&
    variables.every((one) => one?.sigil === "$");
  if (isOneByOne)
    return variables.flatMap((variable, i) => {
      const item = right.items[i];
      return variable && item ? declareOne(t, variable, item) : [];
    });
  const capturing = captured(t, right);
  const list = capturing ?? listText(t, right);
  const names = variables.map((variable) => {
    if (!variable) return "";
    if (variable.sigil === "%") throw new Untranslatable("a hash in a list");
    if (variable.sigil === "$") t.noteAssigned("$", variable.name, "any");
    const { name } = t.scope.declare(variable.sigil, variable.name, variable.sigil === "@" ? "list" : "any");
    return variable.sigil === "@" ? `...${name}` : name;
  });
  const isLet = variables.some((one) => one && t.isReassigned(one.sigil, one.name));
  return [
    `${isLet ? "let" : "const"} [${capturing === undefined ? "" : ", "}${names.join(", ")}]: any[] = ${list};`,
  ];
};

/** `my $x;` */
export const declareEmpty = (t: Translation, variables: readonly (Variable | undefined)[]): string[] =>
  variables.flatMap((variable) => {
    if (!variable) return [];
    const { sigil, name } = variable;
    if (sigil === "@")
      return [`${word(t, variable)} ${t.scope.declare(sigil, name, "list").name}: any[] = [];`];
    if (sigil === "%")
      return [`${word(t, variable)} ${t.scope.declare(sigil, name, "hash").name}: Record<string, any> = {};`];
    const type = t.lastingType(sigil, name, undefined);
    if (isAmbient(type)) {
      const text = type === "archive" ? `${t.context}.archive.filename` : "";
      t.scope.bind(sigil, name, { name: text, type });
      return [];
    }
    return [`let ${t.scope.declare(sigil, name, type).name}: any;`];
  });
