import type { CallParser } from "./calls.ts";
import { type ReadExpressions, textOf } from "./read-expressions.ts";
import type { TokenReader } from "./reader.ts";
import type { Expression, Pattern, Sigil } from "./syntax.ts";
import type { Token } from "./tokens.ts";

type Variable = Expression & { kind: "variable" };

const patternOf = ({ text, flags = "", interpolates = false }: Token): Pattern => ({
  text,
  flags,
  interpolates,
});

/** Reads the terms of an expression: values, variables, brackets, and what follows them. */
export class TermParser {
  readonly #reader: TokenReader;
  readonly #inner: ReadExpressions;
  readonly #calls: CallParser;

  constructor(reader: TokenReader, inner: ReadExpressions, calls: CallParser) {
    this.#reader = reader;
    this.#inner = inner;
    this.#calls = calls;
  }

  /** @throws PerlSyntaxError */
  read(): Expression {
    return this.#postfix(this.#primary());
  }

  /** What follows a value: subscripts, methods, calls. */
  #postfix(first: Expression): Expression {
    const reader = this.#reader;
    let value = first;
    for (;;) {
      const isSubscripted = value.kind === "element" || value.kind === "callValue";
      if (reader.take("->")) value = this.#arrow(value);
      else if (isSubscripted && reader.isOperator("[", "{")) value = this.#element(value);
      else if (isSubscripted && reader.take("("))
        value = { kind: "callValue", of: value, args: this.#inner.items(")") };
      else if (value.kind === "list" && reader.isOperator("["))
        value = { kind: "slice", base: value, of: "array", index: this.#subscript() };
      else return value;
    }
  }

  #arrow(target: Expression): Expression {
    const reader = this.#reader;
    if (reader.isOperator("[", "{")) return this.#element(target);
    if (reader.take("(")) return { kind: "callValue", of: target, args: this.#inner.items(")") };
    if (reader.is("variable", "@", "%") || reader.isOperator("@", "%")) throw reader.failure("not read");
    const name = reader.next();
    if (name.kind !== "word") throw reader.failure("a method has no name");
    const args = reader.take("(") ? this.#inner.items(")") : [];
    return { kind: "method", target, name: name.text, args };
  }

  #element(base: Expression): Expression {
    const of = this.#reader.isOperator("[") ? "array" : "hash";
    return { kind: "element", base, of, index: this.#subscript() };
  }

  /** What is between brackets or braces. A word between braces is its own text. */
  #subscript(): Expression {
    const reader = this.#reader;
    const open = reader.next().text;
    const isMinus = open === "{" && reader.isOperator("-") && reader.peek(1).kind === "word";
    const word = reader.peek(isMinus ? 1 : 0);
    const after = reader.peek(isMinus ? 2 : 1);
    if (open === "{" && word.kind === "word" && after.kind === "operator" && after.text === "}") {
      if (isMinus) reader.next();
      reader.next();
      reader.next();
      return textOf(`${isMinus ? "-" : ""}${word.text}`);
    }
    const index = this.#inner.parse();
    reader.expect(open === "[" ? "]" : "}");
    return index;
  }

  #primary(): Expression {
    const token = this.#reader.next();
    switch (token.kind) {
      case "number":
        return { kind: "number", text: token.text };
      case "string":
        return { kind: "string", text: token.text, interpolates: token.interpolates ?? false };
      case "words":
        return { kind: "list", items: token.text.trim().split(/\s+/).filter(Boolean).map(textOf) };
      case "match":
        return { kind: "match", pattern: patternOf(token) };
      case "regex":
        return { kind: "regex", pattern: patternOf(token) };
      case "substitution":
        return { kind: "substitution", pattern: patternOf(token), replacement: token.second ?? "" };
      case "transliteration":
        return {
          kind: "transliteration",
          from: token.text,
          to: token.second ?? "",
          flags: token.flags ?? "",
        };
      case "readline":
        return { kind: "readline", handle: token.text };
      case "variable":
        return this.#variable(token.text);
      case "word":
        return this.#calls.read(token.text);
      default:
        return this.#bracketed(token);
    }
  }

  #bracketed({ text: open }: Token): Expression {
    if (open === "(") return this.#parenthesized();
    if (open === "[") return { kind: "array", items: this.#inner.items("]") };
    if (open === "{") return { kind: "hash", items: this.#inner.items("}") };
    throw this.#reader.failure(`${open} is not read here`);
  }

  #parenthesized(): Expression {
    if (this.#reader.take(")")) return { kind: "list", items: [] };
    const inner = this.#inner.parse();
    this.#reader.expect(")");
    return inner.kind === "list" ? inner : { kind: "list", items: [inner] };
  }

  /** What a sigil without a name refers to: `@$x`, `@{ … }`. */
  #referred(): Expression {
    const reader = this.#reader;
    if (!reader.take("{")) {
      const token = reader.next();
      const name = token.text.slice(1);
      return name === ""
        ? { kind: "dereference", sigil: "$", of: this.#referred() }
        : { kind: "variable", sigil: "$", name };
    }
    const inner = this.#inner.parse();
    reader.expect("}");
    return inner;
  }

  #variable(name: string): Expression {
    const reader = this.#reader;
    if (name.startsWith("$#")) {
      const rest = name.slice(2);
      const of: Expression = rest === "" ? this.#referred() : { kind: "variable", sigil: "@", name: rest };
      return { kind: "lastIndex", of };
    }
    const sigil = name.charAt(0) as Sigil;
    const isPlain = name.length > 1;
    const variable: Variable = { kind: "variable", sigil, name: name.slice(1) };
    const isNamed =
      !isPlain && reader.isOperator("{") && reader.peek(1).kind === "word" && reader.peek(2).text === "}";
    if (isNamed) {
      reader.next();
      variable.name = reader.next().text;
      reader.next();
    }
    const referred = isPlain || isNamed ? undefined : this.#referred();
    if ((sigil === "$" || sigil === "@") && reader.isOperator("[", "{")) {
      const isArray = reader.isOperator("[");
      const base: Expression = referred ?? { ...variable, sigil: isArray ? "@" : "%" };
      const of = isArray ? "array" : "hash";
      return { kind: sigil === "$" ? "element" : "slice", base, of, index: this.#subscript() };
    }
    if (sigil === "&") {
      const of: Expression = referred ?? { kind: "name", name: variable.name };
      const args = reader.take("(") ? this.#inner.items(")") : [];
      return of.kind === "name" ? { kind: "call", name: of.name, args } : { kind: "callValue", of, args };
    }
    return referred ? { kind: "dereference", sigil, of: referred } : variable;
  }
}
