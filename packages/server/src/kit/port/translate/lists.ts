import type { Expression } from "../perl/syntax.ts";
import { expressionOf, itemFunction } from "./callbacks.ts";
import { atom, type Code, compound, Untranslatable, type ValueType, wrapped } from "./code.ts";
import { itemsOf, listText, numberCode, textCode, valueCode } from "./rules.ts";
import type { Translation } from "./translation.ts";

type Call = Extract<Expression, { kind: "call" }>;

/** The function and the list of `map`, `grep` and the like. */
const given = (call: Call): { body: Expression; list: Expression[] } => {
  if (call.block) return { body: expressionOf(call.block), list: call.args };
  const [body, ...list] = call.args;
  if (!body) throw new Untranslatable(`${call.name} without a list`);
  return { body, list };
};

const listWithType = (t: Translation, list: readonly Expression[]): { text: string; item: ValueType } => {
  const [only] = list;
  if (list.length === 1 && only && (only.kind === "method" || only.kind === "variable")) {
    const code = valueCode(t, only);
    if (code.type === "elements") return { text: wrapped(code), item: "element" };
    if (code.type === "list") return { text: wrapped(code), item: "any" };
  }
  const text = list.length === 1 && only ? listText(t, only) : itemsOf(t, list);
  return { text, item: "any" };
};

/** Whether the body makes a name and a value of each item. */
const isPair = (body: Expression): body is Extract<Expression, { kind: "list" }> =>
  body.kind === "list" && body.items.length === 2;

const mapOf = (t: Translation, call: Call): Code => {
  const { body, list } = given(call);
  const { text, item } = listWithType(t, list);
  if (isPair(body)) {
    const [name, value] = body.items;
    if (!name || !value) throw new Untranslatable("a map of pairs");
    const pair: Expression = { kind: "array", items: [name, value] };
    const made = itemFunction(t, pair, "value", item);
    if (made.isAsync) throw new Untranslatable("a map that waits");
    return atom(`${text}.map(${made.text})`, "pairs");
  }
  const hasLists = (of: Expression): boolean =>
    of.kind === "list" ||
    of.kind === "dereference" ||
    (of.kind === "choice" && (hasLists(of.yes) || hasLists(of.no)));
  const isFlat = hasLists(body);
  const made = itemFunction(t, body, isFlat ? "list" : "value", item);
  if (made.isAsync) {
    const all = t.awaited(`Promise.all(${text}.map(async ${made.text}))`, "list");
    return isFlat ? atom(`(${all.text}).flat()`, "list") : all;
  }
  const isList = made.body.type === "list" && !isFlat && body.kind !== "array";
  return atom(`${text}.${isFlat || isList ? "flatMap" : "map"}(${made.text})`, "list");
};

const METHODS: Readonly<Record<string, readonly [method: string, type: ValueType]>> = {
  grep: ["filter", "list"],
  first: ["find", "any"],
  any: ["some", "flag"],
  all: ["every", "flag"],
};

const filterOf = (t: Translation, call: Call): Code => {
  const { body, list } = given(call);
  const { text, item } = listWithType(t, list);
  const made = itemFunction(t, body, "condition", item);
  if (made.isAsync) throw new Untranslatable(`a ${call.name} that waits`);
  if (call.name === "none") return compound(`!${text}.some(${made.text})`, "flag");
  const [method, type] = METHODS[call.name] ?? ["filter", "list"];
  return atom(`${text}.${method}(${made.text})`, type === "list" && item === "element" ? "elements" : type);
};

const sortOf = (t: Translation, call: Call): Code => {
  const { text } = listWithType(t, call.args);
  const list = /^\w+$/.test(text) ? `[...${text}]` : text;
  if (!call.block) return atom(`${list}.sort()`, "list");
  const body = expressionOf(call.block);
  const { value, isAsync } = t.callback(() => {
    t.scope.bind("$", "a", { name: "a", type: "any" });
    t.scope.bind("$", "b", { name: "b", type: "any" });
    return numberCode(t, body).text;
  });
  if (isAsync) throw new Untranslatable("a sort that waits");
  return atom(`${list}.sort((a: any, b: any) => ${value})`, "list");
};

const splitOf = (t: Translation, { args }: Call): Code => {
  const [separator, text = { kind: "variable", sigil: "$", name: "_" } as const, limit] = args;
  if (!separator) throw new Untranslatable("split without a pattern");
  const by = separatorOf(t, separator);
  if (limit !== undefined && by.startsWith("/")) throw new Untranslatable("split with a limit");
  const more = limit === undefined ? "" : `, ${numberCode(t, limit).text}`;
  const value = wrapped(textCode(t, text));
  if (by === '" "') return atom(`${value}.trim().split(/\\s+/).filter(Boolean)`, "list");
  if (by === '""') return atom(`[...${value}]`, "list");
  return atom(`${t.helper("split")}(${textCode(t, text).text}, ${by}${more})`, "list");
};

/** A pattern, or a text that is one. */
const separatorOf = (t: Translation, separator: Expression): string => {
  if (separator.kind === "string") {
    const isPlain = !/[\\^$.*+?()[\]{}|@]/.test(separator.text);
    if (isPlain) return JSON.stringify(separator.text);
    const flags = "";
    return valueCode(t, {
      kind: "regex",
      pattern: { text: separator.text, flags, interpolates: separator.interpolates },
    }).text;
  }
  if (separator.kind !== "match") return `new RegExp(${textCode(t, separator).text})`;
  const { text, flags } = separator.pattern;
  if (/^[^\\^$.*+?()[\]{}|@]*$/.test(text) && flags === "") return JSON.stringify(text).replace('" "', "/ /");
  return valueCode(t, { kind: "regex", pattern: separator.pattern }).text;
};

const joinOf = (t: Translation, { args }: Call): Code => {
  const [separator, ...list] = args;
  if (!separator) throw new Untranslatable("join without a separator");
  return atom(`${listWithType(t, list).text}.join(${textCode(t, separator).text})`, "text");
};

const namesOf = (t: Translation, { name, args: [of] }: Call): Code => {
  if (!of) throw new Untranslatable(`${name} of nothing`);
  const code = valueCode(t, of);
  const text = code.type === "any" ? `${wrapped(code)} ?? {}` : code.text;
  if (code.type !== "any" && code.type !== "hash") throw new Untranslatable(`${name} of a ${code.type}`);
  return atom(
    `Object.${name === "values" ? "values<any>" : name}(${text.replace(/^\((.*) \?\? \{\}\)$/, "$1 ?? {}")})`,
    "list",
  );
};

const listOfArguments = (t: Translation, { args }: Call): string => listWithType(t, args).text;

/** Functions of Perl and List::Util on lists. */
export const listFunctions: Readonly<Record<string, (t: Translation, call: Call) => Code>> = {
  map: mapOf,
  grep: filterOf,
  first: filterOf,
  any: filterOf,
  all: filterOf,
  none: filterOf,
  sort: sortOf,
  split: splitOf,
  join: joinOf,
  keys: namesOf,
  values: namesOf,
  reverse: (t, call) => atom(`[...${listOfArguments(t, call)}].reverse()`, "list"),
  uniq: (t, call) => atom(`[...new Set(${listOfArguments(t, call)})]`, "list"),
  uniqstr: (t, call) => atom(`[...new Set(${listOfArguments(t, call)})]`, "list"),
  max: (t, call) => atom(`Math.max(...${listOfArguments(t, call)})`, "number"),
  min: (t, call) => atom(`Math.min(...${listOfArguments(t, call)})`, "number"),
  sum: (t, call) =>
    atom(`${listOfArguments(t, call)}.reduce((sum: number, one: any) => sum + Number(one), 0)`, "number"),
  join_tags_to_string: (t, call) => atom(`${listOfArguments(t, call)}.join(",")`, "text"),
  split_tags_to_array: (t, { args: [text] }) => {
    if (!text) throw new Untranslatable("split_tags_to_array of nothing");
    return atom(`${t.helper("split")}(${textCode(t, text).text}, ",").map((tag) => tag.trim())`, "list");
  },
};
