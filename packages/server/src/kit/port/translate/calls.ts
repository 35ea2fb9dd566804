import type { Expression } from "../perl/syntax.ts";
import { atom, type Code, compound, isAmbient, plain, Untranslatable, wrapped } from "./code.ts";
import { placeOf } from "./elements.ts";
import { laNraragiFunctions } from "./lanraragi-functions.ts";
import { listFunctions } from "./lists.ts";
import { learn, onlyType } from "./program.ts";
import { itemsOf, numberCode, textCode, valueCode } from "./rules.ts";
import { sprintfOf } from "./sprintf.ts";
import type { Translation } from "./translation.ts";

type Call = Extract<Expression, { kind: "call" }>;
type Translate = (t: Translation, call: Call) => Code;

const TOPIC: Expression = { kind: "variable", sigil: "$", name: "_" };

const first = ({ args: [only] }: Call): Expression => only ?? TOPIC;

const needed = ({ name, args }: Call, place: number): Expression => {
  const value = args[place];
  if (!value) throw new Untranslatable(`${name} without a value`);
  return value;
};

/** A method of JavaScript's texts without arguments. */
const textMethod =
  (method: string): Translate =>
  (t, call) =>
    atom(`${wrapped(textCode(t, first(call)))}.${method}()`, "text");

const mathFunction =
  (name: string): Translate =>
  (t, call) =>
    atom(`Math.${name}(${numberCode(t, first(call)).text})`, "number");

const firstLetter =
  (method: string): Translate =>
  (t, call) => {
    const text = wrapped(textCode(t, first(call)));
    return compound(`${text}.charAt(0).${method}() + ${text}.slice(1)`, "text");
  };

/** The same value: what it does in Perl is not needed in TypeScript. */
const same: Translate = (t, call) => valueCode(t, call.args.at(-1) ?? TOPIC);

const definedOf: Translate = (t, call) => {
  const value = valueCode(t, first(call));
  if (value.type === "settings" || isAmbient(value.type)) throw new Untranslatable("defined of this value");
  return compound(`${wrapped(value)} != null`, "flag");
};

const substrOf: Translate = (t, call) => {
  const text = wrapped(textCode(t, needed(call, 0)));
  const from = numberCode(t, needed(call, 1));
  const length = call.args[2];
  if (call.args.length > 3) throw new Untranslatable("substr with a replacement");
  if (!length) return atom(`${text}.slice(${from.text})`, "text");
  const count = numberCode(t, length);
  if (count.text.startsWith("-")) return atom(`${text}.slice(${from.text}, ${count.text})`, "text");
  if (from.text === "0") return atom(`${text}.slice(0, ${count.text})`, "text");
  if (from.text.startsWith("-")) throw new Untranslatable("substr from the end with a length");
  return atom(`${text}.slice(${from.text}, ${wrapped(from)} + ${wrapped(count)})`, "text");
};

const indexOf: Translate = (t, call) => {
  const from = call.args[2] ? `, ${numberCode(t, call.args[2]).text}` : "";
  return atom(
    `${wrapped(textCode(t, needed(call, 0)))}.${call.name === "index" ? "indexOf" : "lastIndexOf"}(${textCode(t, needed(call, 1)).text}${from})`,
    "number",
  );
};

const existsOf: Translate = (t, call) =>
  compound(`${wrapped(valueCode(t, first(call)))} !== undefined`, "flag");

const encoded =
  (name: string): Translate =>
  (t, call) =>
    atom(`${name}(${textCode(t, first(call)).text})`, "text");

const refOf: Translate = (t, call) => {
  const of = first(call);
  if (of.kind === "hash" || of.kind === "array")
    return atom(of.kind === "hash" ? '"HASH"' : '"ARRAY"', "text");
  const value = plain(valueCode(t, of));
  return compound(
    `Array.isArray(${value}) ? "ARRAY" : ${t.helper("isHash")}(${value}) ? "HASH" : ""`,
    "text",
  );
};

/** The next argument of the function, or the first item of a list. */
const shiftOf: Translate = (t, call) => {
  const [list] = call.args;
  if (list && !(list.kind === "variable" && list.name === "_")) {
    const value = valueCode(t, list);
    if (value.type !== "list") throw new Untranslatable("shift of something else than a list");
    return atom(`${wrapped(value)}.${call.name}()`, "any");
  }
  if (call.name === "pop" || t.callbacks > 0) throw new Untranslatable(`${call.name} of the arguments`);
  const value = t.parameter(t.shifted);
  if (!value) throw new Untranslatable("an argument that is not known");
  t.shifted++;
  return value;
};

const pushOf: Translate = (t, { name, args: [list, ...values] }) => {
  if (!list) throw new Untranslatable(`${name} without a list`);
  const text = itemsOf(t, values);
  return atom(
    `${listPlace(t, list)}.${name}(${isOneList(text) ? text.slice(1, -1) : `...${text}`})`,
    "number",
  );
};

/** Whether a text is one array literal, and not one with something after it. */
const isOneList = (text: string): boolean => {
  if (!text.startsWith("[")) return false;
  let depth = 0;
  let quote = "";
  for (let i = 0; i < text.length; i++) {
    const character = text[i] ?? "";
    if (quote !== "") {
      if (character === "\\") i++;
      else if (character === quote) quote = "";
    } else if ("\"`'".includes(character)) quote = character;
    else if ("[({".includes(character)) depth++;
    else if ("])}".includes(character) && --depth === 0) return i === text.length - 1;
  }
  return false;
};

/** A list that is changed, which is made where it is missing. */
const listPlace = (t: Translation, list: Expression): string => {
  if (list.kind === "variable" && list.sigil === "@") return t.read("@", list.name).text;
  if (list.kind === "dereference" && list.sigil === "@") {
    const { of } = list;
    if (of.kind !== "element") {
      const value = valueCode(t, of);
      if (value.type === "any" || value.type === "list") return wrapped(value);
    } else if (!(of.base.kind === "variable" && of.base.name === "_")) return `(${placeOf(t, of)} ??= [])`;
    else return wrapped(valueCode(t, of));
  }
  throw new Untranslatable("a change of this list");
};

const isNumeric = ({ type }: Code): boolean => type === "list" || type === "elements" || type === "number";

const scalarOf: Translate = (t, call) => {
  const value = valueCode(t, first(call));
  return isNumeric(value) ? numberCode(t, first(call)) : value;
};

const logOf =
  (level: string): Translate =>
  (t, { args }) =>
    atom(`${t.context}.log.${level}(${args.map((one) => plain(textCode(t, one))).join(", ")})`, "any");

/** Seconds, minutes, hours, day, month from 0, year. */
const timegm: Translate = (t, { args }) => {
  if (args.length !== 6) throw new Untranslatable("timegm with other values than six");
  const numbers = [...args].reverse().map((one) => numberCode(t, one).text);
  return atom(`Math.floor(Date.UTC(${numbers.join(", ")}) / 1000)`, "number");
};

const builtins: Readonly<Record<string, Translate>> = {
  lc: textMethod("toLowerCase"),
  uc: textMethod("toUpperCase"),
  fc: textMethod("toLowerCase"),
  ucfirst: firstLetter("toUpperCase"),
  lcfirst: firstLetter("toLowerCase"),
  int: mathFunction("trunc"),
  abs: mathFunction("abs"),
  sqrt: mathFunction("sqrt"),
  floor: mathFunction("floor"),
  ceil: mathFunction("ceil"),
  length: (t, call) => atom(`${wrapped(textCode(t, first(call)))}.length`, "number"),
  hex: (t, call) => atom(`Number.parseInt(${textCode(t, first(call)).text}, 16)`, "number"),
  chr: (t, call) => atom(`String.fromCodePoint(${numberCode(t, first(call)).text})`, "text"),
  ord: (t, call) => compound(`${wrapped(textCode(t, first(call)))}.codePointAt(0) ?? 0`, "number"),
  quotemeta: (t, call) => atom(`${t.helper("quotemeta")}(${textCode(t, first(call)).text})`, "text"),
  defined: definedOf,
  exists: existsOf,
  ref: refOf,
  substr: substrOf,
  index: indexOf,
  rindex: indexOf,
  scalar: scalarOf,
  shift: shiftOf,
  pop: shiftOf,
  push: pushOf,
  unshift: pushOf,
  sprintf: (t, { args: [format, ...values] }) => sprintfOf(t, format, values),
  undef: (_, { args }) => {
    if (args.length > 0) throw new Untranslatable("undef of a variable");
    return atom("undefined");
  },
  delete: (t, call) => {
    const of = first(call);
    if (of.kind !== "element") throw new Untranslatable("delete of something else than an element");
    return compound(`delete ${placeOf(t, of)}`, "any");
  },
  time: () => atom("Math.floor(Date.now() / 1000)", "number"),
  timegm,
  timegm_modern: timegm,
  timegm_nocheck: timegm,
  warn: logOf("warn"),
  print: logOf("info"),
  say: logOf("info"),
  decode_json: (t, call) => atom(`JSON.parse(${textCode(t, first(call)).text})`),
  from_json: (t, call) => atom(`JSON.parse(${textCode(t, first(call)).text})`),
  encode_json: (t, call) => atom(`JSON.stringify(${plain(valueCode(t, first(call)))})`, "text"),
  to_json: (t, call) => atom(`JSON.stringify(${plain(valueCode(t, first(call)))})`, "text"),
  Dumper: (t, { args }) => atom(`JSON.stringify(${itemsOf(t, args)})`, "text"),
  uri_escape: encoded("encodeURIComponent"),
  uri_escape_utf8: encoded("encodeURIComponent"),
  url_escape: encoded("encodeURIComponent"),
  uri_unescape: encoded("decodeURIComponent"),
  url_unescape: encoded("decodeURIComponent"),
  html_unescape: (t, call) =>
    compound(`${t.context}.html(${textCode(t, first(call)).text}).documentElement?.textContent`, "maybeText"),
  decode_entities: (t, call) =>
    compound(`${t.context}.html(${textCode(t, first(call)).text}).documentElement?.textContent`, "maybeText"),
  decode_utf8: same,
  encode_utf8: same,
  decode: same,
  encode: same,
  basename: (t, call) => {
    const name = wrapped(textCode(t, first(call)));
    return compound(`${name}.split("/").at(-1)`, "maybeText");
  },
};

/** What is passed to a function of the plugin. What it can read itself is left out. */
const ownCall = (t: Translation, { name, args }: Call): Code => {
  const known = t.program.subs.get(name);
  if (!known) throw new Untranslatable(`${name} has no counterpart`);
  const passed: string[] = [];
  args.forEach((arg, place) => {
    const isList =
      (arg.kind === "variable" || arg.kind === "dereference") && (arg.sigil === "@" || arg.sigil === "%");
    if (isList && (known.rest === undefined || place < known.parameters.length))
      throw new Untranslatable("a list as arguments");
    if (isList) {
      passed.push(`...${itemsOf(t, [arg])}`);
      return;
    }
    const value = valueCode(t, arg);
    const types = known.passed.get(place) ?? new Set();
    known.passed.set(place, types);
    learn(t.program, types, value.type);
    if (isAmbient(onlyType(types)) || (place >= known.parameters.length && known.rest === undefined)) return;
    passed.push(value.type === "archive" ? value.text : plain(value));
  });
  if (known.usesContext) passed.unshift(t.context);
  const type = onlyType(known.returned);
  const text = `${known.name}(${passed.join(", ")})`;
  return known.isAsync ? t.awaited(text, type) : atom(text, type);
};

/** A call of a function. @throws Untranslatable */
export const callOf = (t: Translation, call: Call): Code => {
  if (t.program.subs.has(call.name)) return ownCall(t, call);
  const name = call.name.split("::").at(-1) ?? call.name;
  const translate = lookUp(listFunctions, name) ?? lookUp(laNraragiFunctions, name) ?? lookUp(builtins, name);
  if (!translate) throw new Untranslatable(`${call.name} has no counterpart`);
  return translate(t, { ...call, name });
};

const lookUp = (table: Readonly<Record<string, Translate>>, name: string): Translate | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined;
