import type { Expression, Sigil } from "../perl/syntax.ts";
import { atom, type Code, compound, isAmbient, Untranslatable, type ValueType } from "./code.ts";
import type { HelperName } from "./helpers.ts";
import { type KnownSub, learn, onlyType, type Program } from "./program.ts";
import { Scope, type Variable } from "./scope.ts";

/** How expressions are translated. */
export interface Rules {
  value(t: Translation, expression: Expression): Code;
  text(t: Translation, expression: Expression): Code;
  number(t: Translation, expression: Expression): Code;
  condition(t: Translation, expression: Expression): Code;
  list(t: Translation, expression: Expression, isOwn: boolean): string;
  items(t: Translation, items: readonly Expression[]): string;
  lines(t: Translation, expression: Expression): string[];
}

/** The translation of one function: its variables, and what it needs. */
export class Translation {
  readonly program: Program;
  readonly known: KnownSub;
  readonly rules: Rules;
  /** Whether it is the function that a server calls. */
  readonly isEntry: boolean;
  scope: Scope;
  /** The operators of the assignments to each variable, by sigil and name. */
  readonly assignments: ReadonlyMap<string, readonly string[]>;
  /** What `$1` is read from. */
  match: "match" | "found" = "match";
  /** Whether captures of a match are read anywhere in the function. */
  readonly readsCaptures: boolean;
  /** The values of the parameters, by place. */
  readonly parameters = new Map<number, Code>();
  usesMatch = false;
  usesFailure = false;
  /** The text of the function. */
  readonly source: string;
  /** Variables of statements that are left: nothing is known of their values. */
  readonly leftVariables = new Set<string>();
  /** How many arguments were shifted off. */
  shifted = 0;
  /** How deep in callbacks, where a `return` or an `await` is another's. */
  callbacks = 0;
  awaits = 0;

  constructor(
    program: Program,
    known: KnownSub,
    isEntry: boolean,
    assignments: Translation["assignments"],
    rules: Rules,
  ) {
    this.program = program;
    this.known = known;
    this.isEntry = isEntry;
    this.assignments = assignments;
    this.rules = rules;
    this.source = program.source.slice(known.sub.start, known.sub.end);
    this.readsCaptures = /\$(?:[1-9&]|\{\d\}|\+\{)/.test(this.source);
    this.scope = new Scope(program.constants, [
      "ctx",
      "match",
      "failure",
      ...[...program.subs.values()].map(({ name }) => name),
    ]);
  }

  helper(name: HelperName): string {
    this.program.helpers.add(name);
    return name;
  }

  /** The context of the call. */
  get context(): string {
    if (!this.known.usesContext) this.program.isChanged = true;
    this.known.usesContext = true;
    return "ctx";
  }

  /** The value of something that comes later. */
  awaited(text: string, type: ValueType): Code {
    this.awaits++;
    if (this.callbacks === 0) {
      if (!this.known.isAsync) this.program.isChanged = true;
      this.known.isAsync = true;
    }
    return compound(`await ${text}`, type);
  }

  /** Runs in a scope of its own. */
  within<T>(run: () => T): T {
    const before = this.scope;
    this.scope = new Scope(before);
    try {
      return run();
    } finally {
      this.scope = before;
    }
  }

  /** Translates the body of a callback. */
  callback<T>(run: () => T): { value: T; isAsync: boolean } {
    const before = this.awaits;
    this.callbacks++;
    try {
      const value = this.within(run);
      return { value, isAsync: this.awaits > before };
    } finally {
      this.callbacks--;
    }
  }

  /** What is passed as the parameter at this place; undefined where it has no name. */
  parameter(place: number): Code | undefined {
    return this.parameters.get(place);
  }

  /** The variable of this name. @throws Untranslatable where the source does not declare it */
  variable(sigil: Sigil, name: string): Variable {
    const found = this.scope.find(sigil, name);
    if (found) return found;
    throw new Untranslatable(`${sigil}${name} is not a variable of the plugin`);
  }

  read(sigil: Sigil, name: string): Code {
    const { name: text, type } = this.variable(sigil, name);
    return atom(text, type);
  }

  /** Notes what is assigned to a variable, for the next round. */
  noteAssigned(sigil: Sigil, name: string, type: ValueType): void {
    const key = sigil + name;
    const types = this.known.assigned.get(key) ?? new Set();
    this.known.assigned.set(key, types);
    learn(this.program, types, type);
  }

  /** Whether the variable gets another value after its declaration. */
  isReassigned(sigil: Sigil, name: string): boolean {
    return (this.assignments.get(sigil + name) ?? []).length > 0;
  }

  /** The type that a variable keeps after each assignment. */
  lastingType(sigil: Sigil, name: string, first: ValueType | undefined): ValueType {
    if (sigil === "@") return "list";
    if (sigil === "%") return "hash";
    if (first !== undefined) this.noteAssigned(sigil, name, first);
    const operators = this.assignments.get(sigil + name) ?? [];
    if (first !== undefined && operators.length === 0) return first;
    const assigned = onlyType(this.known.assigned.get(sigil + name));
    if (first === undefined && !isAmbient(assigned) && assigned !== "entry") return "any";
    const keepsText = operators.every((one) => [".=", "=", "s///", "chomp"].includes(one));
    const keepsNumber = operators.every((one) => ["+=", "-=", "*=", "=", "++", "--"].includes(one));
    if (assigned === "number") return keepsNumber ? "number" : "any";
    if (assigned === "text") return keepsText ? "text" : "any";
    return operators.every((one) => one === "=") ? assigned : "any";
  }
}
