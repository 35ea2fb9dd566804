/**
 * What a piece of TypeScript stands for. `any` may be anything, also undefined. `maybeText` is a text, or null or undefined.
 * `list` and `hash` are arrays and objects; `pairs` is an array of names and values. Those of `AMBIENT` have no value of their own: what
 * they give is read from the context.
 */
export type ValueType =
  | "any"
  | "text"
  | "maybeText"
  | "number"
  | "flag"
  | "list"
  | "hash"
  | "pairs"
  | "pattern"
  | "response"
  | "document"
  | "elements"
  | "element"
  | "address"
  /** The cookies that a login plugin gathers. */
  | "session"
  /** The name of a file in the archive. */
  | "entry"
  /** The text of an opened file. */
  | "handle"
  | Ambient;

export type Ambient = "class" | "info" | "settings" | "agent" | "logger" | "archive" | "cookies" | "folder";

const AMBIENT: ReadonlySet<string> = new Set<Ambient>([
  "class",
  "info",
  "settings",
  "agent",
  "logger",
  "archive",
  "cookies",
  "folder",
]);

export const isAmbient = (type: ValueType): type is Ambient => AMBIENT.has(type);

/** A piece of TypeScript. */
export interface Code {
  text: string;
  type: ValueType;
  /** Whether operators and members can follow it without brackets. */
  isAtom: boolean;
  /** Of a text that is joined from others: the literal ones, and expressions. */
  parts?: readonly (string | Code)[];
}

/** Perl that has no translation. Its line is kept as a comment. */
export class Untranslatable extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = new.target.name;
  }
}

export const atom = (text: string, type: ValueType = "any"): Code => ({ text, type, isAtom: true });
export const compound = (text: string, type: ValueType = "any"): Code => ({ text, type, isAtom: false });

export const wrapped = ({ text, isAtom }: Code): string => (isAtom ? text : `(${text})`);

/** @throws Untranslatable for what has no value */
const valued = (code: Code): Code => {
  if (!isAmbient(code.type)) return code;
  throw new Untranslatable(`a plugin in TypeScript has no ${code.type} to pass on`);
};

export const plain = (code: Code): string => valued(code).text;

const escapedTemplate = (text: string): string =>
  text
    .replaceAll(/[\\`]|\$(?=\{)/g, "\\$&")
    .replaceAll("\n", "\\n")
    .replaceAll("\r", "\\r")
    .replaceAll("\t", "\\t");

const TEXTS: ReadonlySet<ValueType> = new Set(["text", "number", "handle", "address"]);

/** A text that is joined of others. */
export const template = (parts: readonly (string | Code)[]): Code => {
  const flat = parts.flatMap((part) => (typeof part === "string" ? [part] : (part.parts ?? [part])));
  const merged: (string | Code)[] = [];
  for (const part of flat) {
    const last = merged.at(-1);
    if (typeof part === "string" && typeof last === "string") merged[merged.length - 1] = last + part;
    else merged.push(part);
  }
  if (merged.every((part) => typeof part === "string"))
    return { ...atom(JSON.stringify(merged.join("")), "text"), parts: merged };
  const inner = merged.map((part) =>
    typeof part === "string" ? escapedTemplate(part) : `\${${inTemplate(part)}}`,
  );
  return { ...atom(`\`${inner.join("")}\``, "text"), parts: merged };
};

const inTemplate = (code: Code): string => {
  if (TEXTS.has(code.type)) return code.text;
  if (code.text.endsWith('?? ""')) return code.text;
  if (code.type === "any" || code.type === "maybeText" || code.type === "entry")
    return `${wrapped(code)} ?? ""`;
  return asText(code).text;
};

/** As Perl's text: undefined is an empty one. @throws Untranslatable */
export const asText = (code: Code): Code => {
  switch (code.type) {
    case "text":
    case "handle":
      return code;
    case "archive":
      return code;
    case "maybeText":
    case "entry":
      return compound(`${wrapped(code)} ?? ""`, "text");
    case "flag":
      return atom(`(${wrapped(code)} ? "1" : "")`, "text");
    case "list":
    case "elements":
      return atom(`String(${wrapped(code)}.length)`, "text");
    case "any":
      return atom(
        code.text.endsWith('?? ""') ? `String(${code.text})` : `String(${wrapped(code)} ?? "")`,
        "text",
      );
    case "number":
    case "address":
      return atom(`String(${code.text})`, "text");
    default:
      throw new Untranslatable(`a ${code.type} as a text`);
  }
};

/** As Perl's number. @throws Untranslatable */
export const asNumber = (code: Code): Code => {
  if (code.type === "number") return code;
  if (code.type === "list" || code.type === "elements") return atom(`${wrapped(code)}.length`, "number");
  if (code.type === "flag" || code.type === "text") return atom(`Number(${code.text})`, "number");
  if (code.type === "any" || code.type === "maybeText")
    return atom(`Number(${wrapped(code)} ?? 0)`, "number");
  throw new Untranslatable(`a ${code.type} as a number`);
};

/** The opposite of a condition. */
export const negated = (code: Code): Code => {
  const [, inner] = /^!([\w.?]+)$/.exec(code.text) ?? [];
  return inner === undefined ? compound(`!${wrapped(code)}`, "flag") : atom(inner, "flag");
};

/** As a condition. Empty lists and hashes are false in Perl. */
export const asCondition = (code: Code): Code => {
  if (code.type === "list" || code.type === "elements")
    return compound(`${wrapped(code)}.length > 0`, "flag");
  if (code.type === "hash") return compound(`Object.keys(${code.text}).length > 0`, "flag");
  return { ...code, text: plain(code) };
};
