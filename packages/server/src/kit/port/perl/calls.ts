import { BLOCK_FUNCTIONS, LEVEL, UNARY_FUNCTIONS } from "./operators.ts";
import { type ReadBlock, type ReadExpressions, textOf } from "./read-expressions.ts";
import type { TokenReader } from "./reader.ts";
import type { Expression, Statement } from "./syntax.ts";
import { readDeclaration, readSignature } from "./variables.ts";

/** Reads what begins with a word. */
export class CallParser {
  readonly #reader: TokenReader;
  readonly #inner: ReadExpressions;
  readonly #readBlock: ReadBlock;

  constructor(reader: TokenReader, inner: ReadExpressions, readBlock: ReadBlock) {
    this.#reader = reader;
    this.#inner = inner;
    this.#readBlock = readBlock;
  }

  /** What a word begins, which was read: a call, a declaration, a function, or a name. @throws PerlSyntaxError */
  read(word: string): Expression {
    const reader = this.#reader;
    if (reader.isOperator("=>")) return textOf(word);
    if (word === "my" || word === "our" || word === "local" || word === "state")
      return readDeclaration(reader, word);
    if (word === "sub") return this.#function();
    if ((word === "do" || word === "eval") && reader.isOperator("{"))
      return { kind: "block", word, body: this.#readBlock() };
    if (reader.isOperator("->") || word.endsWith("::"))
      return { kind: "name", name: word.replace(/::$/, "") };
    if (BLOCK_FUNCTIONS.has(word)) return this.#blockCall(word);
    if (word === "print" || word === "printf" || word === "say") this.#skipHandle();
    if (word !== "return" && reader.take("("))
      return { kind: "call", name: word, args: this.#inner.items(")") };
    const isHash = reader.isOperator("{") && (word === "return" || reader.peek(1).text === "}");
    if (!this.#inner.isAtValue() || (reader.isOperator("{") && !isHash)) return this.#bare(word);
    if (UNARY_FUNCTIONS.has(word)) {
      if (reader.isOperator("-")) return this.#bare(word);
      return { kind: "call", name: word, args: [this.#inner.parse(LEVEL.named)] };
    }
    if (word !== "return" && reader.isOperator("-", "[", "++", "--", "+")) return this.#bare(word);
    const given = this.#inner.parse(LEVEL.list);
    return {
      kind: "call",
      name: word,
      args: given.kind === "list" && word !== "return" ? given.items : [given],
    };
  }

  #function(): Expression {
    const given = readSignature(this.#reader);
    return { kind: "function", body: [...given, ...this.#readBlock()] };
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
      block = this.#readBlock();
      // It was a hash, and not a block.
      if (reader.isOperator(",")) {
        reader.back(start);
        block = undefined;
      }
    }
    const isEmpty = isParenthesized ? reader.isOperator(")") : !this.#inner.isAtValue();
    const given = isEmpty ? undefined : this.#inner.parse(LEVEL.list);
    if (isParenthesized) reader.expect(")");
    const args = given === undefined ? [] : given.kind === "list" ? given.items : [given];
    return { kind: "call", name, args, ...(block && { block }) };
  }
}
