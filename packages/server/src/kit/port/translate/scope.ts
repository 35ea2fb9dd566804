import type { Sigil } from "../perl/syntax.ts";
import type { ValueType } from "./code.ts";
import { camelCase, unusedName } from "./names.ts";

/** A variable of Perl and the one that stands for it. */
export interface Variable {
  name: string;
  type: ValueType;
}

const ENDINGS: Readonly<Record<Sigil, string>> = { $: "", "@": "List", "%": "Hash", "&": "" };

/** The variables that can be seen at a place of a function. */
export class Scope {
  readonly #variables = new Map<string, Variable>();
  readonly #outer: Scope | undefined;
  readonly #names: Set<string>;

  /** @param taken names of a new function; without them, the scope is of a block of the same function */
  constructor(outer?: Scope, taken?: Iterable<string>) {
    this.#outer = outer;
    const known = outer ? outer.#names : [];
    this.#names = !taken && outer ? outer.#names : new Set([...known, ...(taken ?? [])]);
  }

  find(sigil: Sigil, name: string): Variable | undefined {
    return this.#variables.get(sigil + name) ?? this.#outer?.find(sigil, name);
  }

  /** Declares it here. All names of a function differ, so that none hides another. */
  declare(sigil: Sigil, name: string, type: ValueType): Variable {
    const isTaken = (one: string): boolean => this.#names.has(one);
    const wanted = camelCase(name);
    const free = isTaken(wanted) ? unusedName(wanted + ENDINGS[sigil], isTaken) : wanted;
    this.#names.add(free);
    const variable = { name: free, type };
    this.#variables.set(sigil + name, variable);
    return variable;
  }

  bind(sigil: Sigil, name: string, variable: Variable): void {
    this.#names.add(variable.name);
    this.#variables.set(sigil + name, variable);
  }
}
