import type { Expression } from "../perl/syntax.ts";
import { asNumber, asText, type Code, isAmbient, plain, template, Untranslatable, wrapped } from "./code.ts";
import { declareLists, declareOne } from "./declarations.ts";
import { placeOf } from "./elements.ts";
import { assignedHash } from "./hashes.ts";
import { listText, numberCode, textCode, valueCode } from "./rules.ts";
import { scalarOf } from "./scalar.ts";
import type { Translation } from "./translation.ts";

type Assignment = Extract<Expression, { kind: "assignment" }>;

/** A value as the variable keeps it. */
const kept = (type: Code["type"], value: Code): string => {
  if (type === "text") return plain(asText(value));
  if (type === "number") return asNumber(value).text;
  return plain(value);
};

const toVariable = (
  t: Translation,
  left: Extract<Expression, { kind: "variable" }>,
  right: Expression,
): string[] => {
  const { sigil, name } = left;
  const variable = t.variable(sigil, name);
  if (sigil === "@") return [`${variable.name} = ${listText(t, right, true)};`];
  if (sigil === "%") return [`${variable.name} = ${assignedHash(t, right)};`];
  const value = scalarOf(t, right);
  const isUnknown = right.kind === "variable" && t.leftVariables.has(right.sigil + right.name);
  if (!isUnknown) t.noteAssigned(sigil, name, value.type);
  if (isAmbient(variable.type)) {
    if (variable.type === value.type) return [];
    throw new Untranslatable(`another value for a ${variable.type}`);
  }
  return [`${variable.name} = ${kept(variable.type, value)};`];
};

const toList = (t: Translation, items: readonly Expression[], right: Expression): string[] => {
  const places = items.map((item) => {
    if (item.kind === "call" && item.name === "undef") return "";
    if (item.kind === "variable" && item.sigil === "$") {
      t.noteAssigned("$", item.name, "any");
      return t.variable("$", item.name).name;
    }
    if (item.kind === "element") return placeOf(t, item);
    throw new Untranslatable("a list that is assigned to this");
  });
  return [`[${places.join(", ")}] = ${listText(t, right)};`];
};

/** `.=`, `+=`, `||=` and the like. */
const changed = (t: Translation, { operator, left, right }: Assignment): string[] => {
  const isVariable = left.kind === "variable" && left.sigil === "$";
  if (!isVariable && left.kind !== "element") throw new Untranslatable(`${operator} of a list`);
  const before = valueCode(t, left);
  const place = isVariable ? plain(before) : placeOf(t, left);
  const note = (type: Code["type"]): void => {
    if (isVariable) t.noteAssigned("$", left.name, type);
  };
  if (operator === ".=") {
    const added = template([
      { ...textCode(t, right), ...(valueCode(t, right).parts && { parts: valueCode(t, right).parts ?? [] }) },
    ]);
    note("text");
    if (before.type === "text") return [`${place} += ${added.text};`];
    return [`${place} = ${template([before, added]).text};`];
  }
  if (/^(?:[-+*/%]|\*\*)=$/.test(operator)) {
    const number = numberCode(t, right);
    note("number");
    if (before.type === "number") return [`${place} ${operator} ${number.text};`];
    return [`${place} = ${wrapped(asNumber(before))} ${operator.slice(0, -1)} ${wrapped(number)};`];
  }
  const logical: Readonly<Record<string, string>> = { "||=": "||=", "//=": "??=", "&&=": "&&=" };
  const sign = logical[operator];
  if (sign === undefined) throw new Untranslatable(`the operator ${operator}`);
  const value = valueCode(t, right);
  note(value.type);
  return [`${place} ${sign} ${kept(before.type, value)};`];
};

/** An assignment as statements. @throws Untranslatable */
export const assignmentOf = (t: Translation, assignment: Assignment): string[] => {
  const { operator, left, right } = assignment;
  if (operator !== "=") return changed(t, assignment);
  if (left.kind === "declaration") {
    if (left.word === "local") {
      if (left.variables.every((one) => one?.name === "/" || one?.name === "@" || one?.name === "_"))
        return [];
      throw new Untranslatable("a local value");
    }
    const [only, ...more] = left.variables;
    return only && more.length === 0 && !left.isList
      ? declareOne(t, only, right)
      : declareLists(t, left.variables, right);
  }
  if (left.kind === "variable") return toVariable(t, left, right);
  if (left.kind === "list") return toList(t, left.items, right);
  if (left.kind === "element") {
    const value = scalarOf(t, right);
    return [`${placeOf(t, left)} = ${plain(value)};`];
  }
  if (left.kind === "dereference" && (left.sigil === "@" || left.sigil === "%"))
    throw new Untranslatable("a new value behind a reference");
  throw new Untranslatable("an assignment to this");
};

/** A variable or an element gets another text. */
export const replaceText = (t: Translation, target: Expression, make: (text: Code) => Code): string[] => {
  const text = textCode(t, target);
  const value = make(text);
  if (target.kind === "variable" && target.sigil === "$") {
    t.noteAssigned("$", target.name, "text");
    const variable = t.variable("$", target.name);
    if (isAmbient(variable.type)) throw new Untranslatable(`a change of a ${variable.type}`);
    return [`${variable.name} = ${value.text};`];
  }
  if (target.kind === "element") return [`${placeOf(t, target)} = ${value.text};`];
  throw new Untranslatable("a change of this");
};

/** `$i++` */
export const stepOf = (t: Translation, { operator, of }: Extract<Expression, { kind: "step" }>): string[] => {
  const before = valueCode(t, of);
  const place = of.kind === "variable" ? before.text : placeOf(t, of);
  if (of.kind === "variable") t.noteAssigned("$", of.name, "number");
  if (before.type === "number") return [`${place}${operator};`];
  return [`${place} = ${asNumber(before).text} ${operator.charAt(0)} 1;`];
};
