import type { Pattern } from "../perl/syntax.ts";
import { atom, type Code, Untranslatable } from "./code.ts";
import { partsOf } from "./texts.ts";
import type { Translation } from "./translation.ts";

/** A pattern in TypeScript: a literal, or one that is made at run time. */
export interface TranslatedPattern {
  code: Code;
  /** How many groups it captures; undefined where variables may add some. */
  groups: number | undefined;
  isGlobal: boolean;
}

const POSIX: Readonly<Record<string, string>> = {
  alpha: "A-Za-z",
  digit: "0-9",
  alnum: "A-Za-z0-9",
  space: "\\s",
  upper: "A-Z",
  lower: "a-z",
  punct: "!-\\/:-@\\[-`{-~",
};

const ESCAPES: Readonly<Record<string, string>> = {
  A: "^",
  z: "$",
  Z: "(?=\\n?$)",
  h: "[ \\t]",
  R: "(?:\\r\\n|[\\n\\v\\f\\r\\u0085\\u2028\\u2029])",
  a: "\\u0007",
  e: "\\u001b",
};

/** The parts of JavaScript's syntax that differ from Perl's. @throws Untranslatable */
const convert = (source: string, isExtended: boolean): { text: string; needsUnicode: boolean } => {
  let text = "";
  let needsUnicode = false;
  let inClass = false;
  for (let i = 0; i < source.length; i++) {
    const rest = source.slice(i);
    const character = source[i] ?? "";
    const [posix, name = ""] = inClass ? (/^\[:(\w+):\]/.exec(rest) ?? []) : [];
    const [hex, digits = ""] = /^\\x\{([0-9A-Fa-f]+)\}/.exec(rest) ?? [];
    if (posix !== undefined) {
      if (POSIX[name] === undefined) throw new Untranslatable(`the class [:${name}:]`);
      text += POSIX[name];
      i += posix.length - 1;
    } else if (hex !== undefined) {
      text += `\\u{${digits}}`;
      needsUnicode = true;
      i += hex.length - 1;
    } else if (character === "\\") {
      const letter = source[++i] ?? "";
      if (/[KGQUL]/.test(letter)) throw new Untranslatable(`\\${letter} in a pattern`);
      if (/[pP]/.test(letter)) needsUnicode = true;
      text += (!inClass && ESCAPES[letter]) || (inClass && letter === "h" ? " \\t" : `\\${letter}`);
    } else if (inClass) {
      if (character === "]") inClass = false;
      text += character === "[" ? "\\[" : character;
    } else if (character === "[") {
      inClass = true;
      const [opening = "["] = /^\[\^?\]?/.exec(rest) ?? [];
      text += opening.replace("]", "\\]");
      i += opening.length - 1;
    } else if (isExtended && /\s/.test(character)) continue;
    else if (isExtended && character === "#") i += (/^[^\n]*/.exec(rest)?.[0].length ?? 1) - 1;
    else text += character;
  }
  return { text, needsUnicode };
};

/** Escapes that the mode for all of Unicode refuses. */
const withoutNeedlessEscapes = (text: string): string =>
  text.replaceAll(/\\(.)/gs, (escaped, letter) => (/[\w\\^$.*+?()[\]{}|/-]/.test(letter) ? escaped : letter));

/** @throws Untranslatable for what JavaScript does not read */
const compiled = (source: string, flags: string): RegExp => {
  try {
    return new RegExp(source, flags);
  } catch {
    throw new Untranslatable("a pattern that JavaScript does not read");
  }
};

/** The groups of a pattern. */
const groupsIn = (source: string): number => (new RegExp(`${source}|`, "").exec("")?.length ?? 1) - 1;

type PatternPart = string | { code: Code; isQuoted: boolean };

/** Texts that follow each other become one. */
const joined = (parts: readonly PatternPart[]): PatternPart[] => {
  const all: PatternPart[] = [];
  for (const part of parts) {
    const last = all.at(-1);
    if (typeof part === "string" && typeof last === "string") all[all.length - 1] = last + part;
    else all.push(part);
  }
  return all;
};

/** The variables in a pattern are its parts, but `$` also stands for its end. */
const splitPattern = (t: Translation, { text, interpolates }: Pattern): PatternPart[] => {
  if (!interpolates) return [text];
  const parts = text.split(/(\\Q[\s\S]*?(?:\\E|$)|(?:\\\\|\\[^Q])+)/).flatMap((piece, i): PatternPart[] => {
    if (i % 2 === 0)
      return partsOf(t, piece, "pattern").map((part) =>
        typeof part === "string" ? part : { code: part, isQuoted: false },
      );
    if (!piece.startsWith("\\Q")) return [piece];
    return partsOf(t, piece.slice(2).replace(/\\E$/, ""), "pattern").map((part) =>
      typeof part === "string" ? part.replaceAll(/[^A-Za-z0-9_]/g, "\\$&") : { code: part, isQuoted: true },
    );
  });
  return joined(parts);
};

const dynamicPart = (t: Translation, { code, isQuoted }: { code: Code; isQuoted: boolean }): Code => {
  if (code.type === "pattern") return atom(`${code.text}.source`, "text");
  if (!isQuoted) return code;
  const { text } = code.type === "text" ? code : { text: `String(${code.text} ?? "")` };
  return atom(`${t.helper("quotemeta")}(${text})`, "text");
};

/** @param isGlobal whether every place is meant; then the flag `g` does not count @throws Untranslatable */
export const translatePattern = (t: Translation, pattern: Pattern, isGlobal?: boolean): TranslatedPattern => {
  const parts = splitPattern(t, pattern);
  const isExtended = pattern.flags.includes("x");
  const own = parts.filter((part) => typeof part === "string").join("");
  const { text: ownText, needsUnicode } = convert(own, isExtended);
  const hasGlobal = isGlobal ?? pattern.flags.includes("g");
  const flags = `${hasGlobal ? "g" : ""}${[..."ims"].filter((flag) => pattern.flags.includes(flag)).join("")}${needsUnicode ? "u" : ""}`;
  if (/^\(\?[a-z]+\)/.test(own)) throw new Untranslatable("flags in a pattern");
  if (parts.every((part) => typeof part === "string")) {
    const source = (needsUnicode ? withoutNeedlessEscapes(ownText) : ownText) || "(?:)";
    const literal = compiled(source, flags);
    return {
      code: atom(`/${literal.source}/${flags}`, "pattern"),
      groups: groupsIn(source),
      isGlobal: hasGlobal,
    };
  }
  const pieces = parts.map((part) =>
    typeof part === "string" ? convert(part, isExtended).text : dynamicPart(t, part),
  );
  const inner = pieces
    .map((piece) =>
      typeof piece === "string"
        ? piece.replaceAll(/[\\`]|\$(?=\{)/g, "\\$&")
        : `\${${piece.type === "text" || piece.type === "number" ? piece.text : `${piece.text} ?? ""`}}`,
    )
    .join("");
  const given = flags === "" ? "" : `, ${JSON.stringify(flags)}`;
  return {
    code: atom(`new RegExp(\`${inner}\`${given})`, "pattern"),
    groups: undefined,
    isGlobal: hasGlobal,
  };
};
