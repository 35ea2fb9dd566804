import { CallParser } from "./calls.ts";
import { ASSIGNMENTS, binaryLevels, LEVEL } from "./operators.ts";
import { type ReadBlock, type ReadExpressions, textOf } from "./read-expressions.ts";
import type { TokenReader } from "./reader.ts";
import type { Expression } from "./syntax.ts";
import { TermParser } from "./terms.ts";

/** Reads expressions of Perl: operators by their precedence. What they stand between are terms. */
export class ExpressionParser implements ReadExpressions {
  readonly #reader: TokenReader;
  readonly #terms: TermParser;

  constructor(reader: TokenReader, readBlock: ReadBlock) {
    this.#reader = reader;
    this.#terms = new TermParser(reader, this, new CallParser(reader, this, readBlock));
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
  isAtValue(): boolean {
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
      if (this.isAtValue()) items.push(this.parse(LEVEL.assignment));
      else if (!this.#reader.isOperator(",", "=>")) break;
    }
    return { kind: "list", items, isPairs };
  }

  /** The items of a list up to its end. */
  items(close: string): Expression[] {
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
      return operator === "-" && of.kind === "name" ? textOf(`-${of.name}`) : { kind: "unary", operator, of };
    }
    if (kind === "operator" && (operator === "++" || operator === "--")) {
      reader.next();
      return { kind: "step", operator, of: this.parse(LEVEL.power) };
    }
    const value = this.#terms.read();
    if (!reader.isOperator("++", "--")) return value;
    return { kind: "step", operator: reader.next().text, of: value };
  }
}
