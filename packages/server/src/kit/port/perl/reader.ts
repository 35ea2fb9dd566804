import { PerlSyntaxError } from "./syntax-error.ts";
import type { Token, TokenKind } from "./tokens.ts";

/** Reads tokens one after another. */
export class TokenReader {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  get position(): number {
    return this.#at;
  }

  back(position: number): void {
    this.#at = position;
  }

  /** @param ahead how many tokens further */
  peek(ahead = 0): Token {
    const token = this.#tokens[Math.min(this.#at + ahead, this.#tokens.length - 1)];
    if (!token) throw new PerlSyntaxError("there are no tokens", 0);
    return token;
  }

  next(): Token {
    const token = this.peek();
    this.#at++;
    return token;
  }

  /** The end of the token before this one. */
  get lastEnd(): number {
    return this.#tokens[this.#at - 1]?.end ?? 0;
  }

  is(kind: TokenKind, ...texts: readonly string[]): boolean {
    const token = this.peek();
    return token.kind === kind && (texts.length === 0 || texts.includes(token.text));
  }

  isOperator(...texts: readonly string[]): boolean {
    return this.is("operator", ...texts);
  }

  /** Reads this operator, if it is the next one. */
  take(text: string): boolean {
    if (!this.isOperator(text)) return false;
    this.#at++;
    return true;
  }

  /** @throws PerlSyntaxError */
  expect(text: string): Token {
    if (!this.isOperator(text)) throw this.failure(`${text} is missing`);
    return this.next();
  }

  failure(message: string): PerlSyntaxError {
    return new PerlSyntaxError(message, this.peek().start);
  }
}
