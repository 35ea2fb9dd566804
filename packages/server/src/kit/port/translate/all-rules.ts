import { expressionLines } from "./expression-statements.ts";
import type { Rules } from "./translation.ts";
import { conditionCode, itemsOf, listText, numberCode, textCode, valueCode } from "./values.ts";

/** How every kind of expression is translated. */
export const rules: Rules = {
  value: valueCode,
  text: textCode,
  number: numberCode,
  condition: conditionCode,
  list: listText,
  items: itemsOf,
  lines: expressionLines,
};
