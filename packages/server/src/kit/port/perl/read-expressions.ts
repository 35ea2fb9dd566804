import type { Expression, Statement } from "./syntax.ts";

/** Reads the statements between braces. */
export type ReadBlock = () => Statement[];

/** What terms and calls read of the expressions in them. */
export interface ReadExpressions {
  /** @param least the weakest operator that is read @throws PerlSyntaxError */
  parse(least?: number): Expression;
  /** Whether an expression can begin here. */
  isAtValue(): boolean;
  /** The items of a list up to its end. @throws PerlSyntaxError */
  items(close: string): Expression[];
}

/** A text that stands for itself. */
export const textOf = (value: string): Expression => ({ kind: "string", text: value, interpolates: false });
