import type { Expression } from "../perl/syntax.ts";
import { itemFunction, type Read } from "./callbacks.ts";
import { atom, type Code, compound, plain, Untranslatable, type ValueType, wrapped } from "./code.ts";
import { requestOf } from "./requests.ts";
import { conditionCode, textCode, valueCode } from "./rules.ts";
import type { Translation } from "./translation.ts";

type Method = Extract<Expression, { kind: "method" }>;

/** A method on a value of one type. */
type Translate = (t: Translation, target: Code, method: Method) => Code;

const argument = ({ name, args }: Method, place = 0): Expression => {
  const value = args[place];
  if (!value) throw new Untranslatable(`${name} without a value`);
  return value;
};

const member =
  (name: string, type: ValueType): Translate =>
  (_, target) =>
    atom(`${wrapped(target)}.${name}`, type);

/** A member of an element, which may be missing. */
const elementMember =
  (name: string, type: ValueType): Translate =>
  (_, target) =>
    compound(`${wrapped(target)}?.${name}`, type);

const same: Translate = (_, target) => target;

const logAt =
  (level: string): Translate =>
  (t, _, { args }) =>
    atom(`${t.context}.log.${level}(${args.map((one) => plain(textCode(t, one))).join(", ")})`);

const logger: Readonly<Record<string, Translate>> = {
  trace: logAt("debug"),
  debug: logAt("debug"),
  info: logAt("info"),
  warn: logAt("warn"),
  error: logAt("error"),
  fatal: logAt("error"),
};

const agent: Readonly<Record<string, Translate>> = {
  // The server follows redirects, and limits the time of a call.
  max_redirects: same,
  connect_timeout: same,
  inactivity_timeout: same,
  request_timeout: same,
  get: requestOf,
  post: requestOf,
  put: requestOf,
  head: requestOf,
};

const response: Readonly<Record<string, Translate>> = {
  result: same,
  res: same,
  body: member("text", "text"),
  text: member("text", "text"),
  code: member("status", "number"),
  message: member("statusText", "text"),
  is_success: member("ok", "flag"),
  is_error: (_, target) => compound(`${wrapped(target)}.status >= 400`, "flag"),
  json: (_, target, { args }) => {
    if (args.length > 0) throw new Untranslatable("json with a pointer");
    return atom(`JSON.parse(${wrapped(target)}.text)`);
  },
  dom: (t, target, { args }) => {
    const page = atom(`${t.context}.html(${wrapped(target)}.text)`, "document");
    return args[0]
      ? atom(`[...${page.text}.querySelectorAll(${textCode(t, args[0]).text})]`, "elements")
      : page;
  },
};

const find: Translate = (t, target, method) =>
  target.type === "element"
    ? atom(
        `[...(${wrapped(target)}?.querySelectorAll(${textCode(t, argument(method)).text}) ?? [])]`,
        "elements",
      )
    : atom(`[...${wrapped(target)}.querySelectorAll(${textCode(t, argument(method)).text})]`, "elements");

const at: Translate = (t, target, method) =>
  atom(
    `${wrapped(target)}${target.type === "element" ? "?." : "."}querySelector(${textCode(t, argument(method)).text})`,
    "element",
  );

const page: Readonly<Record<string, Translate>> = {
  find,
  at,
  all_text: member("documentElement?.textContent", "maybeText"),
  text: member("documentElement?.textContent", "maybeText"),
};

const element: Readonly<Record<string, Translate>> = {
  find,
  at,
  text: elementMember("textContent", "maybeText"),
  all_text: elementMember("textContent", "maybeText"),
  content: elementMember("innerHTML", "maybeText"),
  next: elementMember("nextElementSibling", "element"),
  previous: elementMember("previousElementSibling", "element"),
  parent: elementMember("parentElement", "element"),
  tag: elementMember("tagName.toLowerCase()", "maybeText"),
  children: (_, target) => atom(`[...(${wrapped(target)}?.children ?? [])]`, "elements"),
  attr: (t, target, method) =>
    compound(`${wrapped(target)}?.getAttribute(${textCode(t, argument(method)).text})`, "maybeText"),
  matches: (t, target, method) =>
    compound(`${wrapped(target)}?.matches(${textCode(t, argument(method)).text}) === true`, "flag"),
};

/** `->map("text")`, `->map(attr => "href")`, `->map(sub { … })`. */
const onEach =
  (javaScript: string, read: Read): Translate =>
  (t, target, method) => {
    const item: ValueType = target.type === "elements" ? "element" : "any";
    const given = argument(method);
    let body: Expression;
    if (given.kind === "function") {
      const [only, ...more] = given.body;
      if (only?.kind !== "expression" || more.length > 0 || only.modifier)
        throw new Untranslatable("a function of several statements");
      body =
        only.expression.kind === "call" && only.expression.name === "return"
          ? (only.expression.args[0] ?? only.expression)
          : only.expression;
    } else {
      if (given.kind !== "string") throw new Untranslatable(`${method.name} with this function`);
      const topic: Expression = { kind: "variable", sigil: "$", name: "_" };
      body = { kind: "method", target: topic, name: given.text, args: method.args.slice(1) };
    }
    const made = itemFunction(t, body, read, item);
    if (made.isAsync) throw new Untranslatable(`a ${method.name} that waits`);
    const type: ValueType = javaScript === "filter" ? target.type : javaScript === "find" ? item : "list";
    return atom(`${wrapped(target)}.${javaScript}(${made.text})`, type);
  };

const collection: Readonly<Record<string, Translate>> = {
  each: (t, target, method) =>
    method.args.length === 0 ? target : onEach("forEach", "value")(t, target, method),
  to_array: same,
  map: onEach("map", "value"),
  grep: onEach("filter", "condition"),
  first: (t, target, method) =>
    method.args.length > 0
      ? onEach("find", "condition")(t, target, method)
      : atom(`${wrapped(target)}.at(0)`, target.type === "elements" ? "element" : "any"),
  last: (_, target) => atom(`${wrapped(target)}.at(-1)`, target.type === "elements" ? "element" : "any"),
  size: member("length", "number"),
  join: (t, target, { args: [separator] }) =>
    atom(`${wrapped(target)}.join(${separator ? textCode(t, separator).text : '""'})`, "text"),
  uniq: (_, target) => atom(`[...new Set(${target.text})]`, target.type),
  reverse: (_, target) => atom(`${wrapped(target)}.reverse()`, target.type),
};

const address: Readonly<Record<string, Translate>> = {
  to_string: (_, target) => atom(`${wrapped(target)}.href`, "text"),
  as_string: (_, target) => atom(`${wrapped(target)}.href`, "text"),
  path: member("pathname", "text"),
  host: member("hostname", "text"),
  scheme: (_, target) => atom(`${wrapped(target)}.protocol.slice(0, -1)`, "text"),
  fragment: (_, target) => atom(`${wrapped(target)}.hash.slice(1)`, "text"),
  to_abs: (t, target, method) =>
    atom(`new URL(${target.text}, ${plain(valueCode(t, argument(method)))})`, "address"),
};

const cookies: Readonly<Record<string, Translate>> = {
  // A cookie in TypeScript is an object.
  add: (t, target, method) => atom(`${target.text}.push(${valueCode(t, argument(method)).text})`),
};

const session: Readonly<Record<string, Translate>> = {
  cookie_jar: (_, target) => ({ ...target, type: "cookies" }),
  max_redirects: same,
};

const byType: Readonly<Partial<Record<ValueType, Readonly<Record<string, Translate>>>>> = {
  logger,
  agent,
  response,
  document: page,
  element,
  elements: collection,
  list: collection,
  address,
  session,
  cookies,
};

const AGENTS = new Set(["Mojo::UserAgent", "LWP::UserAgent"]);

/** A new object of a class. @throws Untranslatable */
const created = (t: Translation, className: string, { args }: Method): Code => {
  const [given] = args;
  if (AGENTS.has(className))
    return t.program.manifest.type === "login" ? atom("[] as any[]", "session") : atom("", "agent");
  if (className === "Mojo::DOM")
    return given ? atom(`${t.context}.html(${textCode(t, given).text})`, "document") : atom("", "class");
  if ((className === "Mojo::URL" || className === "URI") && given) {
    const value = valueCode(t, given);
    return atom(`new URL(${value.type === "address" ? value.text : textCode(t, given).text})`, "address");
  }
  if (className === "Mojo::Cookie::Response") {
    const fields = new Set(["name", "value", "domain", "path", "secure"]);
    const pairs = args.flatMap((name, i) =>
      i % 2 === 0 && args[i + 1] ? [[name, args[i + 1]] as const] : [],
    );
    const kept = pairs.filter(([name]) => name.kind === "string" && fields.has(name.text));
    const texts = kept.map(([name, value]) => {
      const of = value ?? name;
      return `${name.kind === "string" ? name.text : ""}: ${name.kind === "string" && name.text === "secure" ? conditionCode(t, of).text : textCode(t, of).text}`;
    });
    return atom(`{ ${texts.join(", ")} }`, "hash");
  }
  throw new Untranslatable(`${className} has no counterpart`);
};

/** `Mojo::DOM->new->xml(1)->parse($text)`. */
const parsedBy = (t: Translation, { target, name, args }: Method): Code | undefined => {
  if (name !== "parse" || !args[0]) return undefined;
  const isXml = target.kind === "method" && target.name === "xml";
  const start = isXml ? target.target : target;
  const isDom =
    start.kind === "method" &&
    start.name === "new" &&
    start.target.kind === "name" &&
    start.target.name === "Mojo::DOM";
  if (!isDom) return undefined;
  return atom(`${t.context}.${isXml ? "xml" : "html"}(${textCode(t, args[0]).text})`, "document");
};

/** `Mojo::URL->new($link)->to_abs($page)`: the address alone may be relative. */
const resolvedAddress = (t: Translation, { target, name, args: [base] }: Method): Code | undefined => {
  const isNew =
    target.kind === "method" &&
    target.name === "new" &&
    target.target.kind === "name" &&
    target.target.name === "Mojo::URL";
  if (name !== "to_abs" || !base || !isNew || !target.args[0]) return undefined;
  return atom(`new URL(${textCode(t, target.args[0]).text}, ${plain(valueCode(t, base))})`, "address");
};

/** A call of a method. @throws Untranslatable */
export const methodOf = (t: Translation, method: Method): Code => {
  const { target, name } = method;
  if (target.kind === "name") {
    if (name === "new") return created(t, target.name, method);
    throw new Untranslatable(`${target.name} has no counterpart`);
  }
  const special = parsedBy(t, method) ?? resolvedAddress(t, method);
  if (special) return special;
  const value = valueCode(t, target);
  const methods = byType[value.type];
  const translate = methods && Object.hasOwn(methods, name) ? methods[name] : undefined;
  if (!translate) throw new Untranslatable(`the method ${name} has no counterpart`);
  return translate(t, value, method);
};
