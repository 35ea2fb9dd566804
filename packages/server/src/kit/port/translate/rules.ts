import type { Expression } from "../perl/syntax.ts";
import type { Code } from "./code.ts";
import type { Translation } from "./translation.ts";

// Expressions are made of each other: these are how the parts of the translation reach the whole of it.

/** A value in TypeScript. @throws Untranslatable */
export const valueCode = (t: Translation, expression: Expression): Code => t.rules.value(t, expression);

/** A value as Perl's text. @throws Untranslatable */
export const textCode = (t: Translation, expression: Expression): Code => t.rules.text(t, expression);

/** A value as Perl's number. @throws Untranslatable */
export const numberCode = (t: Translation, expression: Expression): Code => t.rules.number(t, expression);

/** A value as a condition. @throws Untranslatable */
export const conditionCode = (t: Translation, expression: Expression): Code =>
  t.rules.condition(t, expression);

/**
 * What Perl sees as a list, as an array.
 * @param isOwn whether it must be a new array
 * @throws Untranslatable
 */
export const listText = (t: Translation, expression: Expression, isOwn = false): string =>
  t.rules.list(t, expression, isOwn);

/** The items of a list as an array. @throws Untranslatable */
export const itemsOf = (t: Translation, items: readonly Expression[]): string => t.rules.items(t, items);

/** An expression as statements. @throws Untranslatable */
export const expressionLines = (t: Translation, expression: Expression): string[] =>
  t.rules.lines(t, expression);
