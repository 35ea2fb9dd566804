import type { Expression } from "../perl/syntax.ts";
import { plain, Untranslatable, wrapped } from "./code.ts";
import { propertyName } from "./names.ts";
import { conditionCode, textCode, valueCode } from "./rules.ts";
import { rawText } from "./texts.ts";
import type { Translation } from "./translation.ts";

/** The name of a property, as it is written in an object. */
const nameOf = (t: Translation, key: Expression): string => {
  if (key.kind === "string" && !(key.interpolates && /[\\$@]/.test(key.text)))
    return propertyName(rawText(key.text));
  if (key.kind === "number") return key.text;
  return `[${textCode(t, key).text}]`;
};

/** What an item adds, if it is more than one value. */
const spreadOf = (t: Translation, item: Expression): string | undefined => {
  if (item.kind === "choice") {
    const [yes, no] = [item.yes, item.no].map((one) =>
      one.kind === "list" ? hashOf(t, one.items) : undefined,
    );
    if (yes === undefined || no === undefined) return undefined;
    return `...(${wrapped(conditionCode(t, item.condition))} ? ${yes} : ${no})`;
  }
  if (item.kind === "variable" ? item.sigil === "%" : item.kind === "dereference" && item.sigil === "%") {
    const code = valueCode(t, item);
    return `...${wrapped(code)}`;
  }
  if (item.kind !== "call") return undefined;
  const code = valueCode(t, item);
  if (code.type === "hash") return `...${wrapped(code)}`;
  return code.type === "pairs" ? `...Object.fromEntries(${code.text})` : undefined;
};

/** Names and values as an object. @throws Untranslatable */
export const hashOf = (t: Translation, items: readonly Expression[]): string => {
  const fields: string[] = [];
  for (let i = 0; i < items.length; i++) {
    const item = items[i];
    if (!item) break;
    const spread = spreadOf(t, item);
    if (spread !== undefined) {
      fields.push(spread);
      continue;
    }
    const value = items[++i];
    if (!value) throw new Untranslatable("a name without a value");
    const name = nameOf(t, item);
    const text = plain(valueCode(t, value));
    fields.push(name === text ? name : `${name}: ${text}`);
  }
  return fields.length === 0 ? "{}" : `{ ${fields.join(", ")} }`;
};

/** What is assigned to a hash, as an object of its own. */
export const assignedHash = (t: Translation, expression: Expression): string => {
  if (expression.kind === "list") return hashOf(t, expression.items);
  const code = valueCode(t, expression);
  if (code.type === "pairs") return `Object.fromEntries(${code.text})`;
  if (code.type === "hash") return expression.kind === "call" ? code.text : `{ ...${code.text} }`;
  if (code.type === "any" && expression.kind === "call") return `{ ...${wrapped(code)} }`;
  throw new Untranslatable("a hash of something else");
};
