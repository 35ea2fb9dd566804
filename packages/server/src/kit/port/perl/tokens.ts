import { closingOf, readDelimited } from "./delimiters.ts";
import { PerlSyntaxError } from "./syntax-error.ts";

/** What a token is. Quote-like ones carry their texts as they are written. */
export type TokenKind =
  | "number"
  | "word"
  | "variable"
  | "operator"
  | "string"
  | "words"
  | "match"
  | "regex"
  | "substitution"
  | "transliteration"
  | "readline"
  | "filetest"
  | "end";

export interface Token {
  kind: TokenKind;
  /** The name, the operator, or the text between the quotes. */
  text: string;
  /** Of a string or a pattern: whether variables in it are replaced by their values. */
  interpolates?: boolean;
  /** Of a substitution or a transliteration: its second part. */
  second?: string;
  /** The letters after a pattern. */
  flags?: string;
  start: number;
  end: number;
}

const QUOTES = new Set(["q", "qq", "qw", "m", "qr", "s", "tr", "y"]);

/** Words after which an operator follows: they are values themselves. */
const VALUES = new Set(["time", "shift", "pop", "wantarray", "__PACKAGE__"]);

const OPERATORS =
  /(?:<=>|\*\*=|\|\|=|&&=|\/\/=|\.\.\.|<<=|>>=|->|=>|\+\+|--|\*\*|=~|!~|==|!=|<=|>=|&&|\|\||\/\/|\.\.|::|\+=|-=|\*=|\/=|\.=|%=|x=|&=|\|=|\^=|<<|>>|[-+*/%=<>!~\\?:.,;&|^(){}[\]])/y;
const NUMBER = /(?:0[xX][0-9a-fA-F_]+|0[bB][01_]+|(?:\d[\d_]*)(?:\.(?!\.)\d*)?(?:[eE][-+]?\d+)?|\.\d+)/y;
const WORD = /[A-Za-z_]\w*(?:(?:::|')(?=[A-Za-z_])\w+)*(?:::)?/y;
const VARIABLE =
  /(?:\$#(?:\w+(?:::\w+)*|(?=[{$]))|[$@%&](?:::)?[A-Za-z_]\w*(?:::\w+)*|\$(?:\d+|[!@/\\,;.&$](?!\w)|\+(?=\{)|\^W)|[$@%&](?=[{$]))/y;
const SPACE = /(?:\s+|#[^\n]*|^=[a-zA-Z][\s\S]*?(?:^=cut[^\n]*|(?![\s\S])))+/my;
const HEREDOC = /<<(~?)(?:"([^"\n]+)"|'([^'\n]+)'|([A-Za-z_]\w*))/y;

const matchAt = (pattern: RegExp, text: string, at: number): RegExpExecArray | null => {
  pattern.lastIndex = at;
  return pattern.exec(text);
};

/** Whether a value follows these tokens, and not an operator. A word is a function, unless it is a method. */
const expectsValue = (source: string, tokens: readonly Token[]): boolean => {
  const last = tokens.at(-1);
  if (!last) return true;
  if (last.kind === "word") return tokens.at(-2)?.text !== "->" && !VALUES.has(last.text);
  if (last.kind !== "operator") return false;
  if (last.text === "}") return /\n/.test(/^\s*/.exec(source.slice(last.end))?.[0] ?? "");
  return last.text !== ")" && last.text !== "]";
};

/** Reads a quote-like operator after its name. */
const readQuoteLike = (source: string, name: string, start: number): Token | undefined => {
  let at = start + name.length;
  while (/\s/.test(source[at] ?? "") && source[at + 1] !== "#") at++;
  const open = source[at] ?? "";
  if (open === "" || /[\w\s,;)]/.test(open) || source.startsWith("=>", at) || (open === "=" && name !== "q"))
    return undefined;
  const first = readDelimited(source, at);
  if (name === "q" || name === "qq")
    return {
      kind: "string",
      text: first.text,
      interpolates: name === "qq",
      start,
      end: first.end,
    };
  if (name === "qw") return { kind: "words", text: first.text, start, end: first.end };
  let { end } = first;
  let second = "";
  if (name === "s" || name === "tr" || name === "y") {
    if (closingOf(open) === open) end -= 1;
    else while (/\s/.test(source[end] ?? "")) end++;
    const part = readDelimited(source, end);
    second = part.text;
    end = part.end;
  }
  const flags = matchAt(/[a-z]*/y, source, end)?.[0] ?? "";
  const kinds = { s: "substitution", tr: "transliteration", y: "transliteration", qr: "regex" } as const;
  const kind = kinds[name as keyof typeof kinds] ?? "match";
  const text = open === "/" ? first.text : first.text.replaceAll(`\\${open}`, open);
  return { kind, text, second, flags, interpolates: open !== "'", start, end: end + flags.length };
};

/** Reads a text between quotes, or a pattern between slashes. */
const readQuoted = (source: string, at: number, isValue: boolean): Token | undefined => {
  const open = source[at];
  if (open === '"' || open === "'") {
    const { text, end } = readDelimited(source, at);
    return { kind: "string", text, interpolates: open === '"', start: at, end };
  }
  if (!isValue) return undefined;
  if (open === "/") {
    const { text, end } = readDelimited(source, at);
    const flags = matchAt(/[a-z]*/y, source, end)?.[0] ?? "";
    return { kind: "match", text, flags, interpolates: true, start: at, end: end + flags.length };
  }
  const [handle, name] = matchAt(/<(\$?\w*)>/y, source, at) ?? [];
  if (handle !== undefined) return { kind: "readline", text: name ?? "", start: at, end: at + handle.length };
  const [test, letter] = matchAt(/-([edfsrwxzl])(?=\s*[$"'(])/y, source, at) ?? [];
  return test === undefined
    ? undefined
    : { kind: "filetest", text: letter ?? "", start: at, end: at + test.length };
};

/** A here-document: its text begins at the next line. */
const readHeredoc = (
  source: string,
  at: number,
): { token: Token; skip: [from: number, to: number] } | undefined => {
  const [opening, indent, quoted, raw, bare] = matchAt(HEREDOC, source, at) ?? [];
  if (opening === undefined) return undefined;
  const label = quoted ?? raw ?? bare ?? "";
  const from = source.indexOf("\n", at) + 1;
  const [last] = matchAt(new RegExp(`^${indent ? "[ \\t]*" : ""}${label}$`, "gm"), source, from) ?? [];
  if (from === 0 || last === undefined) throw new PerlSyntaxError("a here-document has no end", at);
  const to = source.indexOf(last, from);
  const text = source.slice(from, to);
  const shortest = Math.min(
    ...text
      .split("\n")
      .filter(Boolean)
      .map((line) => line.search(/\S|$/)),
  );
  const shown = indent ? text.replaceAll(new RegExp(`^[ \\t]{0,${shortest}}`, "gm"), "") : text;
  return {
    token: {
      kind: "string",
      text: shown,
      interpolates: raw === undefined,
      start: at,
      end: at + opening.length,
    },
    skip: [from, to + last.length],
  };
};

const isAfter = (tokens: readonly Token[], text: string): boolean => {
  const last = tokens.at(-1);
  return last?.kind === "operator" && last.text === text;
};

/** Whether a word is a name, and no operator: a key of a hash, or a method. */
const isName = (source: string, word: string, at: number, tokens: readonly Token[]): boolean =>
  isAfter(tokens, "->") ||
  /^\s*=>/.test(source.slice(at + word.length)) ||
  (isAfter(tokens, "{") && /^\s*\}/.test(source.slice(at + word.length)));

/**
 * Reads the tokens of a Perl source. What follows `__END__` is left out.
 * @throws PerlSyntaxError
 */
export const tokenize = (source: string): Token[] => {
  const tokens: Token[] = [];
  const skips: [from: number, to: number][] = [];
  let at = 0;
  const push = (token: Token): void => {
    tokens.push(token);
    at = token.end;
  };
  const pushText = (kind: TokenKind, text: string): void =>
    push({ kind, text, start: at, end: at + text.length });

  for (;;) {
    at = skips.find(([from]) => from === at)?.[1] ?? at;
    const newline = skips.find(([from]) => from > at)?.[0];
    const [space] = matchAt(SPACE, source, at) ?? [""];
    if (space !== "") {
      at = newline !== undefined && at + space.length >= newline ? newline : at + space.length;
      continue;
    }
    if (at >= source.length) break;
    const isValue = expectsValue(source, tokens);
    const heredoc = isValue ? readHeredoc(source, at) : undefined;
    if (heredoc) {
      skips.push(heredoc.skip);
      push(heredoc.token);
      continue;
    }
    const quoted = readQuoted(source, at, isValue);
    if (quoted) {
      push(quoted);
      continue;
    }
    const isSigil = isValue || source[at] === "$" || source[at] === "@";
    const [variable] = (isSigil && matchAt(VARIABLE, source, at)) || [];
    if (variable !== undefined) {
      pushText("variable", variable);
      continue;
    }
    const [number] = matchAt(NUMBER, source, at) ?? [];
    if (number !== undefined && (isValue || /^\d/.test(number))) {
      pushText("number", number);
      continue;
    }
    const [word] = matchAt(WORD, source, at) ?? [];
    if (word === "__END__" || word === "__DATA__") break;
    if (word !== undefined) {
      const quote =
        QUOTES.has(word) && !isName(source, word, at, tokens) ? readQuoteLike(source, word, at) : undefined;
      if (quote) push(quote);
      else pushText("word", word);
      continue;
    }
    const [operator] = matchAt(OPERATORS, source, at) ?? [];
    if (operator === undefined) throw new PerlSyntaxError(`cannot read ${source[at]}`, at);
    pushText("operator", operator);
  }
  tokens.push({ kind: "end", text: "", start: source.length, end: source.length });
  return tokens;
};
