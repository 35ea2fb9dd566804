import { ASSIGNMENTS, BLOCK_FUNCTIONS, binaryLevels, LEVEL, UNARY_FUNCTIONS } from "./operators.ts";
import type { TokenReader } from "./reader.ts";
import type { Expression, Pattern, Sigil, Statement } from "./syntax.ts";
import type { Token } from "./tokens.ts";
import { readDeclaration, readSignature } from "./variables.ts";

/** Reads the statements between braces. */
export type ReadBlock = (reader: TokenReader) => Statement[];

type Variable = Expression & { kind: "variable" };

const patternOf = ({ text, flags = "", interpolates = false }: Token): Pattern => ({
  text,
  flags,
  interpolates,
});

const text = (value: string): Expression => ({ kind: "string", text: value, interpolates: false });

/** Reads expressions of Perl: operators by their precedence, and what they stand between. */
export class ExpressionParser {
  readonly #reader: TokenReader;
  readonly #readBlock: ReadBlock;

  constructor(reader: TokenReader, readBlock: ReadBlock) {
    this.#reader = reader;
    this.#readBlock = readBlock;
  }

  /** @param least the weakest operator that is read @throws PerlSyntaxError */
  parse(least: number = LEVEL.or): Expression {
    let left = this.#prefix();
    for (;;) {
      const { kind, text: operator } = this.#reader.peek();
      if (kind !== "operator" && kind !== "word") return left;
      if (kind === "operator" && (operator === "," || operator === "=>")) {
        if (least > LEVEL.list) return left;
        left = this.#list(left);
      } else if (kind === "operator" && ASSIGNMENTS.has(operator)) {
        if (least > LEVEL.assignment) return left;
        this.#reader.next();
        left = { kind: "assignment", operator, left, right: this.parse(LEVEL.assignment) };
      } else if (kind === "operator" && operator === "?") {
        if (least > LEVEL.choice) return left;
        this.#reader.next();
        const yes = this.parse(LEVEL.assignment);
        this.#reader.expect(":");
        left = { kind: "choice", condition: left, yes, no: this.parse(LEVEL.choice) };
      } else {
        const level = binaryLevels.get(operator);
        if (level === undefined || least > level) return left;
        left = this.#binary(left, operator, level);
      }
    }
  }

  #binary(left: Expression, operator: string, level: number): Expression {
    this.#reader.next();
    const right = this.parse(operator === "**" ? level : level + 1);
    if (operator !== "=~" && operator !== "!~") return { kind: "binary", operator, left, right };
    return { kind: "bind", target: left, operation: right, isNegated: operator === "!~" };
  }

  /** Whether an expression can begin here. */
  #isAtValue(): boolean {
    const { kind, text: word } = this.#reader.peek();
    if (kind === "end") return false;
    if (kind === "operator") return ["(", "[", "{", "\\", "-", "!", "+", "++", "--"].includes(word);
    return (
      kind !== "word" || !(binaryLevels.has(word) || /^(?:if|unless|while|until|for|foreach)$/.test(word))
    );
  }

  #list(first: Expression): Expression {
    const items = [first];
    let isPairs = false;
    while (this.#reader.isOperator(",", "=>")) {
      const { text: separator } = this.#reader.next();
      isPairs ||= separator === "=>";
      if (this.#isAtValue()) items.push(this.parse(LEVEL.assignment));
      else if (!this.#reader.isOperator(",", "=>")) break;
    }
    return { kind: "list", items, isPairs };
  }

  /** The items of a list up to its end. */
  #items(close: string): Expression[] {
    if (this.#reader.take(close)) return [];
    const inner = this.parse();
    this.#reader.expect(close);
    return inner.kind === "list" ? inner.items : [inner];
  }

  #prefix(): Expression {
    const reader = this.#reader;
    const { kind, text: operator } = reader.peek();
    if (kind === "filetest") {
      reader.next();
      return { kind: "filetest", test: operator, of: this.parse(LEVEL.named) };
    }
    if (kind === "word" && operator === "not") {
      reader.next();
      return { kind: "unary", operator: "!", of: this.parse(LEVEL.not) };
    }
    if (kind === "operator" && ["!", "-", "\\", "+", "~"].includes(operator)) {
      reader.next();
      const of = this.parse(LEVEL.sign);
      if (operator === "+") return of;
      return operator === "-" && of.kind === "name" ? text(`-${of.name}`) : { kind: "unary", operator, of };
    }
    if (kind === "operator" && (operator === "++" || operator === "--")) {
      reader.next();
      return { kind: "step", operator, of: this.parse(LEVEL.power) };
    }
    const value = this.#postfix(this.#primary());
    if (!reader.isOperator("++", "--")) return value;
    return { kind: "step", operator: reader.next().text, of: value };
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
        value = { kind: "callValue", of: value, args: this.#items(")") };
      else if (value.kind === "list" && reader.isOperator("["))
        value = { kind: "slice", base: value, of: "array", index: this.#subscript() };
      else return value;
    }
  }

  #arrow(target: Expression): Expression {
    const reader = this.#reader;
    if (reader.isOperator("[", "{")) return this.#element(target);
    if (reader.take("(")) return { kind: "callValue", of: target, args: this.#items(")") };
    if (reader.is("variable", "@", "%") || reader.isOperator("@", "%")) throw reader.failure("not read");
    const name = reader.next();
    if (name.kind !== "word") throw reader.failure("a method has no name");
    const args = reader.take("(") ? this.#items(")") : [];
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
      return text(`${isMinus ? "-" : ""}${word.text}`);
    }
    const index = this.parse();
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
        return { kind: "list", items: token.text.trim().split(/\s+/).filter(Boolean).map(text) };
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
        return this.#word(token);
      default:
        return this.#bracketed(token);
    }
  }

  #bracketed({ text: open }: Token): Expression {
    if (open === "(") return this.#parenthesized();
    if (open === "[") return { kind: "array", items: this.#items("]") };
    if (open === "{") return { kind: "hash", items: this.#items("}") };
    throw this.#reader.failure(`${open} is not read here`);
  }

  #parenthesized(): Expression {
    if (this.#reader.take(")")) return { kind: "list", items: [] };
    const inner = this.parse();
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
    const inner = this.parse();
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
      const args = reader.take("(") ? this.#items(")") : [];
      return of.kind === "name" ? { kind: "call", name: of.name, args } : { kind: "callValue", of, args };
    }
    return referred ? { kind: "dereference", sigil, of: referred } : variable;
  }

  #function(): Expression {
    const given = readSignature(this.#reader);
    return { kind: "function", body: [...given, ...this.#readBlock(this.#reader)] };
  }

  #word({ text: word }: Token): Expression {
    const reader = this.#reader;
    if (reader.isOperator("=>")) return text(word);
    if (word === "my" || word === "our" || word === "local" || word === "state")
      return readDeclaration(reader, word);
    if (word === "sub") return this.#function();
    if ((word === "do" || word === "eval") && reader.isOperator("{"))
      return { kind: "block", word, body: this.#readBlock(reader) };
    if (reader.isOperator("->") || word.endsWith("::"))
      return { kind: "name", name: word.replace(/::$/, "") };
    if (BLOCK_FUNCTIONS.has(word)) return this.#blockCall(word);
    if (word === "print" || word === "printf" || word === "say") this.#skipHandle();
    if (word !== "return" && reader.take("(")) return { kind: "call", name: word, args: this.#items(")") };
    const isHash = reader.isOperator("{") && (word === "return" || reader.peek(1).text === "}");
    if (!this.#isAtValue() || (reader.isOperator("{") && !isHash)) return this.#bare(word);
    if (UNARY_FUNCTIONS.has(word)) {
      if (reader.isOperator("-")) return this.#bare(word);
      return { kind: "call", name: word, args: [this.parse(LEVEL.named)] };
    }
    if (word !== "return" && reader.isOperator("-", "[", "++", "--", "+")) return this.#bare(word);
    const given = this.parse(LEVEL.list);
    return {
      kind: "call",
      name: word,
      args: given.kind === "list" && word !== "return" ? given.items : [given],
    };
  }

  /** A word without arguments: a function, or a name. */
  #bare(word: string): Expression {
    return /^[A-Z]\w*(?:::\w+)+$/.test(word)
      ? { kind: "name", name: word }
      : { kind: "call", name: word, args: [] };
  }

  #skipHandle(): void {
    const reader = this.#reader;
    if (reader.is("word", "STDERR", "STDOUT")) reader.next();
  }

  /** `map { … } …`, `map …, …`, `sort { … } …`. */
  #blockCall(name: string): Expression {
    const reader = this.#reader;
    const isParenthesized = reader.take("(");
    const start = reader.position;
    let block: Statement[] | undefined;
    if (reader.isOperator("{")) {
      block = this.#readBlock(reader);
      // It was a hash, and not a block.
      if (reader.isOperator(",")) {
        reader.back(start);
        block = undefined;
      }
    }
    const isEmpty = isParenthesized ? reader.isOperator(")") : !this.#isAtValue();
    const given = isEmpty ? undefined : this.parse(LEVEL.list);
    if (isParenthesized) reader.expect(")");
    const args = given === undefined ? [] : given.kind === "list" ? given.items : [given];
    return { kind: "call", name, args, ...(block && { block }) };
  }
}
