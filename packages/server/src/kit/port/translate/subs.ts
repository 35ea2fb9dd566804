import type { Manifest } from "@hitagi/contract";
import type { Expression, Statement, Sub } from "../perl/syntax.ts";
import { rules } from "./all-rules.ts";
import { assignedVariables } from "./assigned-variables.ts";
import { atom, type Code, isAmbient } from "./code.ts";
import { settingOf } from "./elements.ts";
import { indented } from "./lines.ts";
import { camelCase, unusedName } from "./names.ts";
import { type KnownSub, onlyType, type Program } from "./program.ts";
import { statementsOf } from "./statements.ts";
import { Translation } from "./translation.ts";

/** The function that LANraragi calls for each type, and the one that Hitagi calls. */
export const ENTRIES = {
  metadata: { perl: "get_tags", typeScript: "getTags" },
  download: { perl: "provide_url", typeScript: "provideUrl" },
  login: { perl: "do_login", typeScript: "login" },
  script: { perl: "run_script", typeScript: "run" },
} as const satisfies Record<Manifest["type"], { perl: string; typeScript: string }>;

const isArguments = (expression: Expression): boolean =>
  expression.kind === "variable" && expression.sigil === "@" && expression.name === "_";

/** The names of the parameters, as the first statements read them. */
const parametersOf = (body: readonly Statement[]): Pick<KnownSub, "parameters" | "rest"> => {
  const parameters: (string | undefined)[] = [];
  let rest: string | undefined;
  let shifted = 0;
  const name = (place: number, as: string | undefined): void => {
    while (parameters.length <= place) parameters.push(undefined);
    parameters[place] ??= as;
  };
  for (const statement of body) {
    if (statement.kind !== "expression") continue;
    const { expression } = statement;
    if (expression.kind === "call" && expression.name === "shift" && expression.args.length === 0)
      name(shifted++, undefined);
    if (expression.kind !== "assignment" || expression.left.kind !== "declaration") continue;
    const { left, right } = expression;
    const [first] = left.variables;
    if (right.kind === "call" && right.name === "shift" && right.args.length === 0)
      name(shifted++, first?.name);
    if (right.kind === "element" && isArguments({ ...right.base }) && right.index.kind === "number")
      name(Number(right.index.text) + shifted, first?.name);
    if (!isArguments(right)) continue;
    left.variables.forEach((variable, i) => {
      if (variable?.sigil === "@") rest = variable.name;
      else if (variable?.sigil !== "%") name(shifted + i, variable?.name);
    });
  }
  const [last] = [
    ...JSON.stringify(body).matchAll(
      /"base":\{"kind":"variable","sigil":"@","name":"_"\},"of":"array","index":\{"kind":"number","text":"(\d+)"/g,
    ),
  ]
    .map(([, place]) => Number(place))
    .sort((a, b) => b - a);
  if (last !== undefined) name(last + shifted, undefined);
  return { parameters, rest };
};

/** What is known of a function before the first round. */
export const knownSub = (sub: Sub, taken: (name: string) => boolean): KnownSub => ({
  sub,
  name: unusedName(camelCase(sub.name), taken),
  ...parametersOf(sub.body),
  passed: new Map(),
  returned: new Set(),
  isAsync: false,
  usesContext: false,
  assigned: new Map(),
});

const VALUES = new Set([
  "variable",
  "list",
  "hash",
  "array",
  "string",
  "number",
  "choice",
  "element",
  "dereference",
]);

/** The value of the last statement is returned, also without the word. */
const withReturn = (body: readonly Statement[]): Statement[] => {
  const last = body.at(-1);
  if (last?.kind !== "expression" || last.modifier || !VALUES.has(last.expression.kind)) return [...body];
  const expression: Expression = { kind: "call", name: "return", args: [last.expression] };
  return [...body.slice(0, -1), { ...last, expression }];
};

/** The parameters of a function that a server calls. */
const entryParameters = (t: Translation, isPositional: boolean): void => {
  const { type, parameters = {}, to_named_params } = t.program.manifest;
  const given: Code[] = [atom("", "class")];
  if (type !== "login") given.push(atom("", "info"));
  const names = to_named_params ?? Object.keys(parameters);
  given.forEach((code, place) => {
    t.parameters.set(place, code);
  });
  if (!isPositional) {
    t.parameters.set(given.length, atom("", "settings"));
    return;
  }
  // Their names are read when they are, so that unused ones need no context.
  names.forEach((name, i) => {
    const place = given.length + i;
    if (t.known.parameters[place] !== undefined) t.parameters.set(place, settingOf(t, name));
  });
};

const ownParameters = (t: Translation): string[] => {
  const names: string[] = [];
  t.known.parameters.forEach((perl, place) => {
    const type = onlyType(t.known.passed.get(place));
    if (isAmbient(type)) {
      t.parameters.set(place, atom(type === "archive" ? `${t.context}.archive.filename` : "", type));
      return;
    }
    const name = unusedName(camelCase(perl ?? `arg${place}`), (one) => names.includes(one));
    names.push(name);
    t.scope.bind("&", `parameter ${place}`, { name, type: "any" });

    t.parameters.set(place, atom(name));
  });
  return names;
};

const prelude = (t: Translation): string[] => [
  ...(t.usesMatch ? ["let match: any;"] : []),
  ...(t.usesFailure ? ['let failure: any = "";'] : []),
];

/** The lines of the function that a server calls, without its braces. */
export const entryLines = (program: Program, known: KnownSub, isPositional: boolean): string[] => {
  const t = new Translation(program, known, true, assignedVariables(known.sub.body), rules);
  entryParameters(t, isPositional);
  const lines = statementsOf(t, withReturn(known.sub.body));
  const isDownload = program.manifest.type === "download";
  const hasEnd = /^(?:return|throw)\b/.test(lines.at(-1) ?? "");
  const end = hasEnd ? [] : [isDownload ? 'throw new Error("There is no download.");' : "return {};"];
  return [...prelude(t), ...lines, ...end];
};

/** A function of the plugin. */
export const functionLines = (program: Program, known: KnownSub, context: string): string[] => {
  const t = new Translation(program, known, false, assignedVariables(known.sub.body), rules);
  const names = ownParameters(t);
  const lines = statementsOf(t, withReturn(known.sub.body));
  const parameters = [
    ...(known.usesContext ? [`ctx: ${context}`] : []),
    ...names.map((name) => `${name}?: any`),
    ...(known.rest === undefined ? [] : ["...rest: any[]"]),
  ].join(", ");
  const [word, type] = known.isAsync ? ["async ", "Promise<any>"] : ["", "any"];
  const hasEnd = /^(?:return|throw)\b/.test(lines.at(-1) ?? "");
  return [
    `${word}function ${known.name}(${parameters}): ${type} {`,
    ...indented([...prelude(t), ...lines, ...(hasEnd ? [] : ["return undefined;"])]),
    "}",
  ];
};
