import type { Manifest } from "@hitagi/contract";
import type { Sub } from "../perl/syntax.ts";
import type { ValueType } from "./code.ts";
import type { HelperName } from "./helpers.ts";
import type { TranslationReport } from "./report.ts";
import type { Scope } from "./scope.ts";

/** What is known of a function after a round of the translation. */
export interface KnownSub {
  sub: Sub;
  name: string;
  /** The names of its parameters in Perl, by place; undefined for one that is not named. */
  parameters: (string | undefined)[];
  /** The name of the list that takes the other arguments. */
  rest: string | undefined;
  /** What its callers pass, by place. */
  passed: Map<number, Set<ValueType>>;
  returned: Set<ValueType>;
  isAsync: boolean;
  usesContext: boolean;
  /** What is assigned to its variables, by sigil and name. */
  assigned: Map<string, Set<ValueType>>;
}

/** What all functions of a plugin share. The rounds are repeated until none of them finds more. */
export interface Program {
  manifest: Manifest;
  source: string;
  subs: Map<string, KnownSub>;
  helpers: Set<HelperName>;
  /** Whether something new was found in this round. */
  isChanged: boolean;
  usesFiles: boolean;
  /** The variables of the file, once they are translated. */
  constants: Scope | undefined;
  report: TranslationReport;
}

/** Adds to a set, and notes that it grew. */
export const learn = <T>(program: Program, set: Set<T>, value: T): void => {
  if (set.has(value)) return;
  set.add(value);
  program.isChanged = true;
};

/** The one type of a set; `any` for several or none. */
export const onlyType = (types: ReadonlySet<ValueType> | undefined): ValueType => {
  const [first, ...more] = types ?? [];
  return first !== undefined && more.length === 0 ? first : "any";
};
