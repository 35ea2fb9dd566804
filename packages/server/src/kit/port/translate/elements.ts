import type { Expression } from "../perl/syntax.ts";
import { asText, atom, type Code, compound, Untranslatable, type ValueType, wrapped } from "./code.ts";
import { propertyName } from "./names.ts";
import { numberCode, textCode, valueCode } from "./rules.ts";
import { rawText } from "./texts.ts";
import type { Translation } from "./translation.ts";

type Element = Extract<Expression, { kind: "element" }>;

const SETTING_TYPES: Readonly<Record<string, ValueType>> = {
  bool: "flag",
  int: "number",
  string: "text",
  secret: "text",
};

/** A setting of the plugin. @throws Untranslatable for one that it does not declare */
export const settingOf = (t: Translation, name: string): Code => {
  const declared = t.program.manifest.parameters?.[name];
  if (name === "oneshot") return atom(`${t.context}.arg`, "text");
  if (!declared) throw new Untranslatable(`the setting ${name} is not declared`);
  const member = /^[A-Za-z_$][\w$]*$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
  return atom(`${t.context}.settings${member}`, SETTING_TYPES[declared.type] ?? "any");
};

/** A setting by a computed name. */
const settingBy = (t: Translation, name: Expression): Code =>
  atom(`(${t.context}.settings as Record<string, any>)[${textCode(t, name).text}]`);

/** What the server tells of the call. @throws Untranslatable */
const infoOf = (t: Translation, name: string): Code => {
  const { context } = t;
  const { type } = t.program.manifest;
  if (name === "user_agent") return atom("", "agent");
  if (name === "oneshot_param") return atom(`${context}.arg`, "text");
  if (name === "url" && type === "download") return atom(`${context}.url`, "text");
  if (type === "metadata") {
    if (name === "file_path") return atom(`${context}.archive.filename`, "archive");
    if (name === "archive_id") return atom(`${context}.archive.id`, "text");
    if (name === "archive_title") return atom(`${context}.archive.title`, "text");
    if (name === "thumbnail_hash") {
      t.helper("isImage");
      return t.awaited(`${t.helper("thumbnailHash")}(${context})`, "text");
    }
    if (name === "existing_tags") return atom(`${context}.archive.tags.join(",")`, "text");
  }
  throw new Untranslatable(`$info->{${name}} is not in TypeScript`);
};

/** The text of a literal key; undefined for a computed one. */
const literalKey = (index: Expression): string | undefined =>
  index.kind === "string" && !(index.interpolates && /[\\$@]/.test(index.text))
    ? rawText(index.text)
    : undefined;

const memberOf = (t: Translation, base: Code, index: Expression, isSafe: boolean): Code => {
  const name = literalKey(index);
  const dot = isSafe ? "?." : ".";
  const isName = name !== undefined && propertyName(name) === name;
  if (isName) return atom(`${wrapped(base)}${dot}${name}`);
  const key = name === undefined ? textCode(t, index).text : JSON.stringify(name);
  return atom(`${wrapped(base)}${isSafe ? "?." : ""}[${key}]`);
};

const itemOf = (t: Translation, base: Code, index: Expression, isSafe: boolean): Code => {
  const type: ValueType = base.type === "elements" ? "element" : "any";
  const at = numberCode(t, index);
  if (at.text.startsWith("-")) return atom(`${wrapped(base)}${isSafe ? "?." : "."}at(${at.text})`, type);
  return atom(`${wrapped(base)}${isSafe ? "?." : ""}[${at.text}]`, type);
};

/** An argument of the function: `$_[0]`. */
const argumentOf = (t: Translation, index: Expression): Code => {
  if (index.kind !== "number") throw new Untranslatable("a computed argument");
  return parameterOf(t, Number(index.text) + t.shifted);
};

/** The value of a parameter by its place. @throws Untranslatable where it has none */
export const parameterOf = (t: Translation, place: number): Code => {
  const bound = t.parameter(place);
  if (bound) return bound;
  throw new Untranslatable("an argument that is not known");
};

/** `@$list[0]->…`: one item, though it is written as several. */
const single = (base: Expression): Expression =>
  base.kind === "slice" && base.base.kind !== "list" && base.index.kind !== "list"
    ? { ...base, kind: "element" }
    : base;

/** What is in an array or a hash. */
export const elementOf = (t: Translation, { base, of, index }: Element): Code => {
  if (base.kind === "variable" && base.name === "_" && base.sigil === "@") return argumentOf(t, index);
  if (base.kind === "variable" && base.name === "+" && of === "hash") {
    t.usesMatch = true;
    return memberOf(t, atom("match?.groups"), index, true);
  }
  const value = valueCode(t, single(base));
  const name = of === "hash" ? literalKey(index) : undefined;
  if (value.type === "info" && name !== undefined) return infoOf(t, name);
  if (value.type === "settings" && of === "hash")
    return name === undefined ? settingBy(t, index) : settingOf(t, name);
  if (value.type === "element" && of === "hash")
    return compound(`${wrapped(value)}?.getAttribute(${textCode(t, index).text})`, "maybeText");
  const isOwnVariable = base.kind === "variable" && base.sigil !== "$";
  if (of === "hash" && (value.type === "hash" || value.type === "any"))
    return memberOf(t, value, index, !isOwnVariable && value.type === "any");
  if (of === "array" && (value.type === "list" || value.type === "elements" || value.type === "any"))
    return itemOf(t, value, index, value.type === "any");
  throw new Untranslatable(`a part of a ${value.type}`);
};

/** Where a value is put: what is missing on the way is made. */
export const placeOf = (t: Translation, expression: Expression): string => {
  if (expression.kind !== "element") {
    const value = valueCode(t, expression);
    if (["any", "hash", "list"].includes(value.type)) return wrapped(value);
    throw new Untranslatable(`a change of a ${value.type}`);
  }
  const { base, of, index } = expression;
  if (base.kind === "variable" && (base.name === "_" || base.name === "+") && base.sigil !== "$")
    throw new Untranslatable("a change of an argument");
  const made = of === "hash" ? "{}" : "[]";
  const outer = base.kind === "element" ? `(${placeOf(t, base)} ??= ${made})` : placeOf(t, base);
  if (of === "array") return `${outer}[${numberCode(t, index).text}]`;
  const name = literalKey(index);
  if (name !== undefined && propertyName(name) === name) return `${outer}.${name}`;
  return `${outer}[${name === undefined ? asText(valueCode(t, index)).text : JSON.stringify(name)}]`;
};
