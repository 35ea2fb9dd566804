import { ExpressionParser } from "./expressions.ts";
import { TokenReader } from "./reader.ts";
import type { Clause, Expression, Range, Statement } from "./syntax.ts";
import { PerlSyntaxError } from "./syntax-error.ts";
import { tokenize } from "./tokens.ts";
import { readSignature } from "./variables.ts";

const MODIFIERS = ["if", "unless", "while", "until", "for", "foreach"];

/** Reads the statements of a source. One that cannot be read is `unknown`, and the next ones are read. */
class StatementParser {
  readonly #reader: TokenReader;
  readonly #expressions: ExpressionParser;

  constructor(source: string) {
    this.#reader = new TokenReader(tokenize(source));
    this.#expressions = new ExpressionParser(this.#reader, () => this.#block());
  }

  all(): Statement[] {
    const statements: Statement[] = [];
    while (!this.#reader.is("end")) {
      // A brace without its block would be read again and again.
      if (!this.#reader.take("}")) statements.push(...this.#statement());
    }
    return statements;
  }

  #block(): Statement[] {
    const reader = this.#reader;
    reader.expect("{");
    const statements: Statement[] = [];
    while (!reader.isOperator("}")) {
      if (reader.is("end")) throw reader.failure("a block has no end");
      statements.push(...this.#statement());
    }
    reader.next();
    return statements;
  }

  /** One statement, or none for a semicolon. */
  #statement(): Statement[] {
    const reader = this.#reader;
    if (reader.take(";")) return [];
    const begin = reader.position;
    const { start } = reader.peek();
    try {
      return [{ ...this.#read(), start, end: reader.lastEnd } as Statement];
    } catch (error) {
      if (!(error instanceof PerlSyntaxError)) throw error;
      reader.back(begin);
      this.#skip();
      return [{ kind: "unknown", start, end: reader.lastEnd }];
    }
  }

  /** Goes on after the statement: its semicolon, or the end of its block. */
  #skip(): void {
    const reader = this.#reader;
    let depth = 0;
    for (;;) {
      if (reader.is("end")) return;
      if (depth === 0 && reader.isOperator("}")) return;
      const { kind, text } = reader.next();
      if (kind !== "operator") continue;
      if ("([{".includes(text)) depth++;
      else if (")]}".includes(text)) {
        depth--;
        const isBlockEnd = depth === 0 && text === "}" && !reader.isOperator(";", ",", ")", "]", "->", ".");
        if (isBlockEnd && !reader.is("word", "else", "elsif", ...MODIFIERS)) return;
      } else if (text === ";" && depth === 0) return;
    }
  }

  #read(): DistributiveOmit<Statement, keyof Range> {
    const reader = this.#reader;
    if (reader.isOperator("{")) return { kind: "block", body: this.#block() };
    const { kind, text } = reader.peek();
    if (kind === "word" && !reader.is("word", "return")) {
      const isBlockWord = reader.peek(1).text !== "=>";
      if ((text === "use" || text === "no" || text === "package" || text === "BEGIN") && isBlockWord)
        return this.#use();
      if (text === "sub" && reader.peek(1).kind === "word") return this.#sub();
      if (text === "if" || text === "unless") return this.#if();
      if (text === "while" || text === "until") return { kind: "while", clause: this.#clause() };
      if (text === "try" && reader.peek(1).text === "{") return this.#try();
      if (text === "for" || text === "foreach") return this.#loop();
    }
    const expression = this.#expressions.parse();
    const modifier = this.#modifier();
    if (!reader.take(";") && !reader.isOperator("}") && !reader.is("end"))
      throw reader.failure("a semicolon is missing");
    return { kind: "expression", expression, ...(modifier && { modifier }) };
  }

  #modifier(): { word: string; condition: Expression } | undefined {
    const reader = this.#reader;
    if (!reader.is("word", ...MODIFIERS)) return undefined;
    const word = reader.next().text;
    return { word, condition: this.#expressions.parse() };
  }

  #use(): DistributiveOmit<Statement, keyof Range> {
    const reader = this.#reader;
    const first = reader.next();
    if (first.text === "BEGIN") this.#block();
    else while (!reader.take(";") && !reader.is("end")) reader.next();
    return { kind: "use", text: first.text };
  }

  /** A function. Its signature becomes the statement that reads its arguments. */
  #sub(): DistributiveOmit<Statement, keyof Range> {
    const reader = this.#reader;
    reader.next();
    const name = reader.next().text;
    const given = readSignature(reader);
    return { kind: "sub", name, body: [...given, ...this.#block()] };
  }

  /** `try { … } catch ($e) { … }`. */
  #try(): DistributiveOmit<Statement, keyof Range> {
    const reader = this.#reader;
    reader.next();
    const body = this.#block();
    if (!reader.is("word", "catch")) throw reader.failure("a try without a catch");
    reader.next();
    reader.expect("(");
    const variable = reader.next().text.slice(1);
    reader.expect(")");
    return { kind: "try", body, variable, handler: this.#block() };
  }

  #clause(): Clause {
    const reader = this.#reader;
    const { text, start } = reader.next();
    reader.expect("(");
    const condition = this.#expressions.parse();
    reader.expect(")");
    const head = { start, end: reader.lastEnd };
    return { condition, isNegated: text === "unless" || text === "until", body: this.#block(), head };
  }

  #if(): DistributiveOmit<Statement, keyof Range> {
    const reader = this.#reader;
    const clauses = [this.#clause()];
    while (reader.is("word", "elsif")) clauses.push(this.#clause());
    if (!reader.is("word", "else")) return { kind: "if", clauses, otherwise: undefined };
    reader.next();
    return { kind: "if", clauses, otherwise: this.#block() };
  }

  #loop(): DistributiveOmit<Statement, keyof Range> {
    const reader = this.#reader;
    const { start } = reader.next();
    if (reader.is("word", "my")) reader.next();
    const variable = reader.is("variable") ? reader.next().text.slice(1) : "_";
    reader.expect("(");
    const first = reader.isOperator(";", ")") ? undefined : this.#expressions.parse();
    if (reader.take(")")) {
      const head = { start, end: reader.lastEnd };
      return {
        kind: "foreach",
        variable,
        list: first ?? { kind: "list", items: [] },
        body: this.#block(),
        head,
      };
    }
    reader.expect(";");
    const condition = reader.isOperator(";") ? undefined : this.#expressions.parse();
    reader.expect(";");
    const step = reader.isOperator(")") ? undefined : this.#expressions.parse();
    reader.expect(")");
    const head = { start, end: reader.lastEnd };
    return { kind: "for", first, condition, step, body: this.#block(), head };
  }
}

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

/** Reads a Perl source. @throws PerlSyntaxError where it is not even made of tokens */
export const parsePerl = (source: string): Statement[] => new StatementParser(source).all();

/** Reads one expression, of a text in quotes. @throws PerlSyntaxError */
export const parseExpression = (source: string): Expression => {
  const reader = new TokenReader(tokenize(source));
  const expression = new ExpressionParser(reader, () => {
    throw reader.failure("a block in a text");
  }).parse();
  if (!reader.is("end")) throw reader.failure("the expression goes on");
  return expression;
};
