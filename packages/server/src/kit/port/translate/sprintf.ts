import type { Expression } from "../perl/syntax.ts";
import { atom, type Code, compound, template, Untranslatable, wrapped } from "./code.ts";
import { numberCode, textCode, valueCode } from "./rules.ts";
import { rawText } from "./texts.ts";
import type { Translation } from "./translation.ts";

const FIELD = /%(-?)(0?)(\d*)(?:\.(\d+))?([sdfxXu%])/g;

const padded = (text: string, isLeft: boolean, fill: string, width: string): Code =>
  width === ""
    ? atom(text, "text")
    : atom(`${text}.${isLeft ? "padEnd" : "padStart"}(${width}${fill === "0" ? ', "0"' : ""})`, "text");

const fieldOf = (t: Translation, field: RegExpMatchArray, value: Expression | undefined): Code => {
  const [, left = "", fill = "", width = "", digits, kind] = field;
  if (!value) throw new Untranslatable("sprintf with too few values");
  if (kind === "s") {
    if (digits !== undefined) throw new Untranslatable(`sprintf with ${field[0]}`);
    return width === "" ? valueCode(t, value) : padded(textCode(t, value).text, left !== "", "", width);
  }
  const number = numberCode(t, value);
  if (kind === "f") return padded(`${wrapped(number)}.toFixed(${digits ?? 6})`, left !== "", fill, width);
  if (kind === "x" || kind === "X") {
    const hex = `${wrapped(number)}.toString(16)`;
    return padded(kind === "X" ? `${hex}.toUpperCase()` : hex, left !== "", fill, width);
  }
  const whole = number.text.endsWith(".length") ? number.text : `Math.trunc(${number.text})`;
  return width === "" ? compound(whole, "number") : padded(`String(${whole})`, left !== "", fill, width);
};

/** @throws Untranslatable for a format that is not written in place, or has other fields */
export const sprintfOf = (
  t: Translation,
  format: Expression | undefined,
  values: readonly Expression[],
): Code => {
  if (format?.kind !== "string" || (format.interpolates && /[\\$@]/.test(format.text)))
    throw new Untranslatable("sprintf with a format that is not a plain text");
  const text = rawText(format.text);
  if (/%(?![-0]*\d*(?:\.\d+)?[sdfxXu%])/.test(text)) throw new Untranslatable(`sprintf with ${text}`);
  const parts: (string | Code)[] = [];
  let at = 0;
  let next = 0;
  for (const field of text.matchAll(FIELD)) {
    parts.push(text.slice(at, field.index), field[5] === "%" ? "%" : fieldOf(t, field, values[next++]));
    at = field.index + field[0].length;
  }
  return template([...parts, text.slice(at)].filter((part) => part !== ""));
};
