/** A pattern with what its flags say. */
export interface Pattern {
  text: string;
  flags: string;
  interpolates: boolean;
}

export type Sigil = "$" | "@" | "%" | "&";

/** An expression of Perl. Names are without their sigils. */
export type Expression =
  | { kind: "number"; text: string }
  | { kind: "string"; text: string; interpolates: boolean }
  | { kind: "variable"; sigil: Sigil; name: string }
  /** `my`, `our`, `local`; a place without a variable is undefined. */
  | {
      kind: "declaration";
      word: string;
      variables: ((Expression & { kind: "variable" }) | undefined)[];
      isList: boolean;
    }
  /** `$a[0]`, `$h{a}`, `$r->[0]`: the base is the array or hash, or the reference. */
  | { kind: "element"; base: Expression; of: "array" | "hash"; index: Expression }
  /** `@h{…}`, `@a[…]`. */
  | { kind: "slice"; base: Expression; of: "array" | "hash"; index: Expression }
  | { kind: "dereference"; sigil: Sigil; of: Expression }
  | { kind: "lastIndex"; of: Expression }
  /** `block` is that of `map`, `grep` and `sort`. */
  | { kind: "call"; name: string; args: Expression[]; block?: Statement[] }
  | { kind: "callValue"; of: Expression; args: Expression[] }
  | { kind: "method"; target: Expression; name: string; args: Expression[] }
  | { kind: "name"; name: string }
  | { kind: "match"; pattern: Pattern }
  | { kind: "regex"; pattern: Pattern }
  | { kind: "substitution"; pattern: Pattern; replacement: string }
  | { kind: "transliteration"; from: string; to: string; flags: string }
  | { kind: "bind"; target: Expression; operation: Expression; isNegated: boolean }
  | { kind: "unary"; operator: string; of: Expression }
  | { kind: "step"; operator: string; of: Expression }
  | { kind: "binary"; operator: string; left: Expression; right: Expression }
  | { kind: "choice"; condition: Expression; yes: Expression; no: Expression }
  | { kind: "assignment"; operator: string; left: Expression; right: Expression }
  /** `isPairs`: an arrow is in it. */
  | { kind: "list"; items: Expression[]; isPairs?: boolean }
  | { kind: "array"; items: Expression[] }
  | { kind: "hash"; items: Expression[] }
  | { kind: "function"; body: Statement[] }
  | { kind: "block"; word: "do" | "eval"; body: Statement[] }
  | { kind: "readline"; handle: string }
  | { kind: "filetest"; test: string; of: Expression };

/** Where a statement is in the source. */
export interface Range {
  start: number;
  end: number;
}

export interface Clause {
  condition: Expression;
  isNegated: boolean;
  body: Statement[];
  /** Of its line with the condition. */
  head: Range;
}

export type Statement = Range &
  (
    | { kind: "expression"; expression: Expression; modifier?: { word: string; condition: Expression } }
    | { kind: "if"; clauses: Clause[]; otherwise: Statement[] | undefined }
    | { kind: "while"; clause: Clause }
    | { kind: "foreach"; variable: string; list: Expression; body: Statement[]; head: Range }
    | {
        kind: "for";
        first: Expression | undefined;
        condition: Expression | undefined;
        step: Expression | undefined;
        body: Statement[];
        head: Range;
      }
    | { kind: "block"; body: Statement[] }
    | { kind: "try"; body: Statement[]; variable: string; handler: Statement[] }
    | { kind: "sub"; name: string; body: Statement[] }
    | { kind: "use"; text: string }
    /** What the parser cannot read. */
    | { kind: "unknown" }
  );

/** A function of the source. */
export type Sub = Extract<Statement, { kind: "sub" }>;
